/**
 * Walks through every screen of the built window in a real Chromium over the memory host, takes a
 * picture of each at 1366x768, and fails when something is wrong that a picture does not show:
 * sideways scroll, an error on the console, a breach of the content security policy, a fault that
 * axe finds. `node scripts/pictures.mjs FOLDER [fa|en]`
 */

import { mkdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";

const [folder = "pictures", only] = process.argv.slice(2);
const dist = new URL("../dist/", import.meta.url).pathname;
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
// The window's own policy, so that a breach shows here first.
const shell = JSON.parse(await readFile(new URL("../../tauri.conf.json", import.meta.url), "utf8"));
const CSP = shell.app.security.csp;
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".woff2": "font/woff2",
};

const server = createServer(async (request, response) => {
  const path = normalize(new URL(request.url, "http://x").pathname);
  try {
    const file = join(dist, path === "/" ? "index.html" : path);
    const body = await readFile(file);
    response.writeHead(200, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "content-security-policy": CSP,
    });
    response.end(body);
  } catch {
    response.writeHead(path === "/favicon.ico" ? 204 : 404).end();
  }
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
const faults = [];

async function walk(language, theme) {
  const context = await browser.newContext({
    viewport: { width: 1366, height: 768 },
    bypassCSP: false,
  });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`${language} console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`${language} error: ${error.message}`));
  await page.addInitScript((chosen) => localStorage.setItem("language", chosen), language);
  const at = (hook) => page.locator(`[data-testid="${hook}"]`);
  const fill = (hook, text) => at(hook).fill(text);
  await mkdir(folder, { recursive: true });

  const holds = async (after, hook, wanted) => {
    await at(hook).waitFor();
    await page.waitForTimeout(200);
    const found = await at(hook).inputValue();
    if (found !== wanted) faults.push(`${language}: after ${after} ${hook} is "${found}"`);
  };
  const picture = async (name, inspect = true) => {
    await page.evaluate(() => document.fonts.ready);
    await page.waitForTimeout(350);
    await page.screenshot({
      path: join(folder, `${name}-${theme === "light" ? "" : `${theme}-`}${language}.png`),
    });
    const sideways = await page.evaluate(() =>
      [document.documentElement, ...document.querySelectorAll("main")].some(
        (area) => area.scrollWidth > area.clientWidth,
      ),
    );
    if (sideways) faults.push(`${language} ${name}: scrolls sideways`);
    if (!inspect) return;
    const script = await readFile(axe, "utf8");
    await page.evaluate(script);
    const { violations } = await page.evaluate(() =>
      globalThis.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa"] }),
    );
    for (const { id, nodes } of violations) {
      faults.push(
        `${language} ${name}: axe ${id}: ${nodes[0].html.slice(0, 160)} ${nodes[0].failureSummary ?? ""}`,
      );
    }
  };
  const setUp = (kind) => page.goto(`${origin}/?memory=${kind}`);

  // First start, all by keyboard.
  await setUp("fresh");
  await at("enrol.submit").waitFor();
  await picture("first-start");
  await fill("enrol.code", "۱۲۳۴-۵۶۷۸");
  await page.keyboard.press("Enter");
  await page.keyboard.type("کاربر نمونه");
  await page.keyboard.press("Enter");
  await page.keyboard.type("۱۲۳۴۵۶");
  await page.keyboard.press("Enter");
  await page.keyboard.type("123456");
  await page.keyboard.press("Enter");
  await at("screen.record").waitFor();
  await picture("record-empty");

  // An office in the middle of its work.
  await setUp("office");
  await at("lock.pin").waitFor();
  await picture("lock");
  await fill("lock.pin", "111111");
  await page.keyboard.press("Enter");
  await at("lock.error").waitFor();
  await fill("lock.pin", "123456");
  await page.keyboard.press("Enter");
  await at("screen.record").waitFor();
  if (theme !== "light") {
    await page.keyboard.press("F10");
    await at("settings.theme").selectOption(theme);
    await page.waitForTimeout(200);
    await page.keyboard.press("F2");
  }

  await fill("applicant.national_id", "۰۰۷۶۲۲۹۶۴۶");
  await page.keyboard.press("Enter");
  await at("error.applicant.national_id").waitFor();
  await picture("record-error");
  await fill("applicant.national_id", "۰۰۷۶۲۲۹۶۴۵");
  await at("applicant.national_id").press("Enter");
  await at("applicant.known").waitFor();
  await fill("service.search", "ولادت");
  await picture("service-search");
  await page.keyboard.press("Enter");
  await at("service.chosen").waitFor();
  await picture("record-card");
  // Another service by mistake, and back: the answers are there again.
  await fill("form.child_name", "یوسف");
  await at("service.change").click();
  await fill("service.search", "برق");
  await page.keyboard.press("Enter");
  await at("service.change").click();
  await fill("service.search", "ولادت");
  await page.keyboard.press("Enter");
  await holds("another service", "form.child_name", "یوسف");
  await fill("form.child_name", "");
  await page.keyboard.press("Control+Enter");
  await at("record.errors").waitFor();
  await page.waitForTimeout(300);
  await at("record.errors").scrollIntoViewIfNeeded();
  await picture("record-errors");

  // Every question that is asked is answered, whatever the card asks.
  for (let round = 0; round < 3; round += 1) {
    for (const box of await page
      .locator('[data-field^="form."] input[type=text], [data-field^="form."] textarea')
      .all()) {
      const id = await box.getAttribute("id");
      if ((await box.inputValue()) !== "") continue;
      if (/nid|national_id/.test(id)) await box.fill("0200203241");
      else if (/date/.test(id)) await box.fill("۱۴۰۵/۸/۲۰");
      else await box.fill("۱۲");
    }
    for (const list of await page.locator('[data-field^="form."] select').all()) {
      if ((await list.inputValue()) === "") await list.selectOption({ index: 1 });
    }
    for (const yes of await page.locator('[data-field^="form."] input[value=true]').all())
      await yes.check();
  }
  for (const seen of await page.locator('input[id$=".seen"]').all()) await seen.check();
  const png = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAGCAIAAABxZ0isAAAAFElEQVR4nGP8//8/AzbAhFV08EgAAGZpAwuOIrbBAAAAAElFTkSuQmCC",
    "base64",
  );
  for (const file of await page
    .locator('[data-given="none"] input[type=file], input[type=file]')
    .all()) {
    await file.setInputFiles({ name: "scan.png", mimeType: "image/png", buffer: png });
  }
  await at("consent").check();
  await page.waitForTimeout(500);
  await page.locator('[data-field^="documents."]').first().scrollIntoViewIfNeeded();
  await picture("record-papers");
  const calendar = page.locator('[data-field="applicant.birth_date"] button');
  await calendar.click();
  await picture("calendar", false);
  await page.keyboard.press("Escape");
  // Enter in the last field goes to the review; held down, it does not confirm it unread.
  await at("consent").focus();
  await page.keyboard.down("Enter");
  await at("screen.review").waitFor({ timeout: 5000 });
  await page.keyboard.down("Enter");
  await page.waitForTimeout(300);
  if (!(await at("screen.review").isVisible())) faults.push(`${language}: a held Enter recorded`);
  await page.keyboard.up("Enter");
  await picture("review");
  await page.keyboard.press("Enter");
  await at("screen.success").waitFor();
  await page.locator('[data-testid="success.print"][data-outcome="saved"]').waitFor();
  await picture("success");
  // Both F2 and Enter go on to the next citizen.
  await page.keyboard.press(theme === "light" ? "F2" : "Enter");
  await at("screen.record").waitFor();
  await page.locator('[id="applicant.kind.without_papers"]').check();
  await picture("record-without-papers");
  // Nothing typed is lost: not by Escape, an F-key or the lock, at once after the last letter.
  await fill("applicant.first_name", "گل‌بی‌بی");
  await page.keyboard.press("Escape");
  await page.keyboard.press("F3");
  await page.keyboard.press("F2");
  await holds("an F-key", "applicant.first_name", "گل‌بی‌بی");
  await fill("applicant.last_name", "نمونه");
  await page.keyboard.press("Control+l");
  await fill("lock.pin", "123456");
  await page.keyboard.press("Enter");
  await at("screen.record").waitFor();
  await holds("the lock", "applicant.last_name", "نمونه");
  for (const [key, name] of [
    ["F3", "today"],
    ["F4", "mine"],
    ["F5", "deliver"],
    ["F6", "report"],
    ["F7", "notices"],
    ["F8", "verify"],
    ["F10", "settings"],
  ]) {
    await page.keyboard.press(key);
    await at(`screen.${name}`).waitFor();
    await picture(name);
  }
  await page.keyboard.press("F5");
  await page.locator('[data-state="approved"][data-line]').first().click();
  await at("app.letter").waitFor();
  await at("app.letter.print").click();
  await at("app.letter.outcome").waitFor();
  await picture("application-letter");
  await at("app.letter.see").click();
  await at("letter.picture").waitFor();
  await picture("letter-preview");
  await page.keyboard.press("Escape");
  await page.keyboard.press("F4");
  await at("mine.drafts").click();
  await picture("drafts");
  await at("mine.late").click();
  await picture("mine-late");
  await at("mine.returned").click();
  await page.locator('[data-state="returned"][data-line]').first().click();
  await at("screen.application").waitFor();
  await picture("application-returned");
  await at("app.preview").click();
  await at("receipt.picture").waitFor();
  await picture("receipt-preview");
  await page.keyboard.press("Escape");
  await at("app.withdraw").click();
  await picture("withdraw");
  await page.keyboard.press("Escape");
  await at("app.mend").click();
  await at("record.defects").waitFor();
  await picture("mend");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("بلوچ");
  await page.keyboard.press("Enter");
  await at("screen.search").waitFor();
  await picture("search");
  await at("sync.line").click();
  await at("sync.sheet").waitFor();
  await picture("sync-sheet");
  await at("sync.copy").click();
  await at("support.text").waitFor();
  await picture("support-text");
  await page.keyboard.press("Escape");

  // A courier, by keyboard alone.
  await page.keyboard.press("F11");
  await at("screen.courier").waitFor();
  await page.locator('[data-testid^="courier.place."]').waitFor();
  await picture("courier");
  await at("courier.path").focus();
  await page.keyboard.press("Enter");
  await at("courier.written").waitFor();
  await picture("courier-written");
  const path = await at("courier.path").inputValue();
  await fill("courier.path", `${path}/damaged.courier`);
  await at("courier.read").focus();
  await page.keyboard.press("Enter");
  await at("courier.outcome").waitFor();
  await picture("courier-damaged");
  await fill("courier.path", path);
  await at("courier.read").focus();
  await page.keyboard.press("Enter");
  await at("courier.brought").waitFor();
  await picture("courier-read");

  // Parked: from the state of sending straight to the field.
  await at("sync.line").click();
  await page.locator('[data-testid^="sync.parked."][data-testid$=".open"]').first().click();
  await at("record.defects").waitFor();
  await page.waitForTimeout(300);
  const focused = await page.evaluate(() => {
    const { bottom } = document.activeElement.getBoundingClientRect();
    return { id: document.activeElement.id, inSight: bottom > 0 && bottom < 670 };
  });
  if (!focused.id.startsWith("form.") || !focused.inSight) {
    faults.push(`${language}: the fault's field is not in sight: ${JSON.stringify(focused)}`);
  }
  await picture("mend-parked");
  await page.keyboard.press("F1");
  await picture("shortcuts");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+l");
  await at("lock.pin").waitFor();
  await context.close();
}

try {
  for (const language of only ? [only] : ["fa", "en"]) await walk(language, "light");
  if (!only) {
    await walk("fa", "dark");
    await walk("fa", "contrast");
  }
} finally {
  await browser.close();
  server.close();
}
const said = [...new Set(faults)];
process.stdout.write(`${said.join("\n")}\n${said.length} faults\n`);
process.exitCode = said.length ? 1 : 0;
