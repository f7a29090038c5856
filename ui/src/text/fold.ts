/**
 * Folding for search, as the store folds: two spellings of a word become one text. For search
 * only; what was typed is kept as it is.
 */
import { toLatinDigits } from "../format/digits";

const LETTERS: Record<string, string> = {
  ي: "ی",
  ى: "ی",
  ئ: "ی",
  ك: "ک",
  ة: "ه",
  ۀ: "ه",
  أ: "ا",
  إ: "ا",
  ٱ: "ا",
  آ: "ا",
  ؤ: "و",
};

export function fold(text: string): string {
  return toLatinDigits(text)
    .normalize("NFC")
    .replace(/[\u064b-\u065f\u0670\u0640\u200e\u200f]/g, "")
    .replace(/\u200c|\u200d|\u00a0/g, " ")
    .replace(/[يىئكةۀأإٱآؤ]/g, (letter) => LETTERS[letter] ?? letter)
    .toLowerCase()
    .replace(/\s+/g, " ")
    .trim();
}

/** Does every word of the query begin or lie within a word of the text? Spaces do not count. */
export function matches(text: string, query: string): boolean {
  const folded = fold(text);
  const joined = folded.replaceAll(" ", "");
  return fold(query)
    .split(" ")
    .filter(Boolean)
    .every((word) => folded.includes(word) || joined.includes(word));
}
