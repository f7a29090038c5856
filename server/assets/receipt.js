// Verifies the proof in the fragment of the address, in the browser, with the centre's public key
// that the page carries. Nothing of it is sent anywhere.
"use strict";

const place = document.getElementById("proof");

/** Reads the few kinds of CBOR (RFC 8949) that a proof is made of. */
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }
  take(count) {
    if (this.at + count > this.bytes.length) throw new Error("short");
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }
  number(short) {
    if (short < 24) return BigInt(short);
    const size = { 24: 1, 25: 2, 26: 4, 27: 8 }[short];
    if (!size) throw new Error("length");
    return this.take(size).reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
  }
  value() {
    const first = this.take(1)[0];
    const short = first & 31;
    switch (first >> 5) {
      case 0: return this.number(short);
      case 1: return -1n - this.number(short);
      case 2: return this.take(Number(this.number(short)));
      case 3: return new TextDecoder("utf-8", { fatal: true }).decode(this.take(Number(this.number(short))));
      case 4: {
        const count = Number(this.number(short));
        if (count > 32) throw new Error("too many");
        return Array.from({ length: count }, () => this.value());
      }
      default:
        if (first === 0xf6) return null;
        throw new Error("kind");
    }
  }
  static read(bytes) {
    const reader = new Reader(bytes);
    const value = reader.value();
    if (reader.at !== bytes.length) throw new Error("left over");
    return value;
  }
}

const text = (string) => new TextEncoder().encode(string);

function joined(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}

function bigEndian(number, size) {
  const bytes = new Uint8Array(size);
  for (let at = size - 1, rest = BigInt(number); at >= 0; at -= 1, rest >>= 8n) {
    bytes[at] = Number(rest & 255n);
  }
  return bytes;
}

async function taggedHash(tag, ...parts) {
  const framed = [text(tag), ...parts].flatMap((part) => [bigEndian(part.length, 8), part]);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...framed)));
}

async function signed(key, purpose, message, signature) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  const tagged = joined(text(`pishkhan/${purpose}/v1\0`), message);
  return crypto.subtle.verify({ name: "Ed25519" }, imported, signature, tagged);
}

const same = (a, b) => a.length === b.length && a.every((byte, index) => byte === b[index]);

function fromHex(hex) {
  return Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
}

function fromBase64Url(encoded) {
  const plain = atob(encoded.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

async function verified(fragment, centreKey) {
  const [core, restHash, summary, salt, signature, [facts, certified]] =
    Reader.read(fromBase64Url(fragment));
  if (!(await signed(centreKey, "certificate", facts, certified))) return null;
  const [device, , officeTitle, deviceKey] = Reader.read(facts);
  const [, coreDevice, seq, , deviceTime, , trackingCode, commitment] = Reader.read(core);
  if (device !== coreDevice) return null;
  const hash = await taggedHash("pishkhan/event/v1", core, restHash);
  const head = joined(bigEndian(device, 4), bigEndian(seq, 8), hash);
  if (!(await signed(deviceKey, "head", head, signature))) return null;
  if (!same(commitment, await taggedHash("pishkhan/summary/v1", salt, summary))) return null;
  const [service, name, lastFour, documents, fee, dueOn] = Reader.read(summary);
  return { officeTitle, deviceTime, trackingCode, service, name, lastFour, documents, fee, dueOn };
}

const persian = (number) => new Intl.NumberFormat("fa-IR").format(number);

/** `سه‌شنبه ۳ آذر ۱۴۰۵`: browsers put the year first, people do not. */
function date(at) {
  const shown = new Intl.DateTimeFormat("fa-IR-u-ca-persian", {
    weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "Asia/Tehran",
  });
  const part = Object.fromEntries(shown.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${part.weekday} ${part.day} ${part.month} ${part.year}`;
}

/** Tehran has been at +03:30 the whole year since 2022; an old browser may not know. */
function clock(at) {
  const tehran = new Date(at + 210 * 60_000);
  const two = (number) => number.toString().padStart(2, "0");
  return digits(`${two(tehran.getUTCHours())}:${two(tehran.getUTCMinutes())}`);
}

function digits(string) {
  return string.replace(/[0-9]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0x06c0));
}

function show(receipt) {
  const code = receipt.trackingCode.toString().padStart(13, "0");
  const grouped = `${code.slice(0, 4)} ${code.slice(4, 7)} ${code.slice(7, 10)} ${code.slice(10)}`;
  const title = document.querySelector(`[data-service="${CSS.escape(receipt.service)}"]`);
  const facts = [
    ["کد رهگیری", digits(grouped), true],
    ["خدمت", title ? title.textContent : receipt.service],
    ["متقاضی", receipt.name],
    ["چهار رقم آخر", digits(receipt.lastFour), true],
    ["تعداد مدارک", persian(receipt.documents)],
    ["هزینه", receipt.fee === 0n ? "رایگان" : `${persian(receipt.fee)} ریال`],
    ["دفتر", receipt.officeTitle],
    ["زمان ثبت به ساعت دفتر", `${date(Number(receipt.deviceTime))}، ساعت ${clock(Number(receipt.deviceTime))}`],
    ["مهلت پاسخ", date(Date.parse(`${receipt.dueOn}T12:00:00Z`))],
  ];
  const list = place.querySelector("dl");
  for (const [label, value, leftToRight] of facts.filter(([, value]) => value !== "")) {
    const term = document.createElement("dt");
    term.textContent = label;
    const description = document.createElement("dd");
    const island = document.createElement("bdi");
    if (leftToRight) island.dir = "ltr";
    island.textContent = value;
    description.append(island);
    list.append(term, description);
  }
}

async function main() {
  const fragment = location.hash.slice(1);
  if (fragment === "") return;
  let answer = "unsupported";
  try {
    await crypto.subtle.importKey("raw", fromHex(place.dataset.key), { name: "Ed25519" }, false, ["verify"]);
    answer = "false";
    const receipt = await verified(fragment, fromHex(place.dataset.key));
    if (receipt) {
      answer = "true";
      show(receipt);
    }
  } catch {
    // What cannot be read is not a receipt; what the browser cannot do, it says below.
  }
  place.hidden = false;
  place.querySelector(`[data-answer="${answer}"]`).hidden = false;
  place.querySelector("dl").hidden = answer !== "true";
}

main();
