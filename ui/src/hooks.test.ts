import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL("..", import.meta.url).pathname;
const files = readdirSync(`${root}src`, { recursive: true, encoding: "utf8" });
const source = files
  .filter((name) => /\.tsx?$/.test(name) && !name.includes("generated") && !name.includes("test"))
  .map((name) => readFileSync(`${root}src/${name}`, "utf8"))
  .join("\n");

/** Hooks of the table in README.md; a name in <> is a value that the program fills in. */
const hooks = readFileSync(`${root}README.md`, "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .flatMap((line) =>
    [...line.matchAll(/`([a-z]+\.[a-z0-9_.<> ]+)`/g)].map((match) => match[1] ?? ""),
  )
  .filter((hook) => !/^(src|catalogue|cargo|npm)/.test(hook));

describe("the test hooks", () => {
  it.each(hooks)("%s is there", (hook) => {
    // What is put together from parts is looked for by its fixed ends.
    const ends = hook.split(/\.?<[^>]+>\.?/).filter(Boolean);
    const found = ends.every((end) => {
      const last = end.split(".").at(-1) ?? end;
      return source.includes(end) || source.includes(`.${last}`) || source.includes(`"${last}"`);
    });
    expect(found, `${hook} stands in README.md and nowhere in the source`).toBe(true);
  });
});
