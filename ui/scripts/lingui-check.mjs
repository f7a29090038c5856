/** Fails when a key of the screens has no text in a language, or a text has no use. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "pishkhan-keys-"));
const root = new URL("..", import.meta.url).pathname;
const catalogue = (path) => JSON.parse(readFileSync(path, "utf8"));
const faults = [];
try {
  execFileSync("npx", ["--no-install", "lingui", "extract", "--clean"], {
    cwd: root,
    env: { ...process.env, LINGUI_CATALOGUES: join(folder, "{locale}", "messages") },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const used = Object.keys(catalogue(join(folder, "fa", "messages.json")));
  for (const locale of ["fa", "en"]) {
    const texts = catalogue(join(root, "src/locales", locale, "messages.json"));
    for (const key of used) if (!texts[key]?.trim()) faults.push(`${locale}: ${key} has no text`);
    for (const key of Object.keys(texts)) {
      if (!used.includes(key)) faults.push(`${locale}: ${key} is used nowhere`);
    }
  }
  process.stdout.write(`${used.length} keys, ${faults.length} faults\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exitCode = faults.length ? 1 : 0;
