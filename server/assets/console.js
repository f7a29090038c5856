// Keys for the console, news of the queue, a viewer for scans. Everything works without this file.
"use strict";

const rows = Array.from(document.querySelectorAll("[data-row] a.open"));
let at = -1;

function move(step) {
  if (rows.length === 0) return;
  at = Math.min(rows.length - 1, Math.max(0, at + step));
  rows[at].focus();
  rows[at].scrollIntoView({ block: "nearest" });
}

// The reason that a marked defect still lacks, or else the first thing of the panel.
function firstToFill(panel) {
  const marked = Array.from(panel.querySelectorAll("tr:has(:checked) input[type=text]"));
  const lacking = marked.find((reason) => !reason.value);
  return lacking || panel.querySelector("input:not([type=hidden]), textarea, select");
}

// An act's panel opens with the first thing to fill in; a link is followed; a button is shown, and
// pressed by Enter.
function start(act) {
  const place = document.querySelector(`[data-act="${act}"]`);
  if (!place) return;
  if (place.tagName === "DETAILS") {
    for (const other of document.querySelectorAll("details[data-act]")) other.open = other === place;
    firstToFill(place)?.focus();
  } else if (place.tagName === "A") {
    place.click();
  } else {
    place.querySelector("button").focus();
  }
}

// What was refused stands open: it goes on where something is missing.
const refused = document.querySelector("details[data-act][open]");
if (refused) firstToFill(refused)?.focus();

function showKeys() {
  const keys = document.querySelector("details.keys");
  if (!keys) return;
  keys.open = !keys.open;
  keys.querySelector("summary").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const typing = event.target.matches("input:not([type=checkbox]), textarea, select");
  if (event.key === "Escape") {
    const panel = event.target.closest("details[open]");
    if (panel) {
      panel.open = false;
      panel.querySelector("summary").focus();
    } else if (typing) event.target.blur();
  }
  if (typing) return;
  // The place of the key, not its letter: a Persian keyboard layout gives other letters.
  const acts = {
    KeyT: "accept", KeyR: "return", KeyA: "approve", KeyX: "refuse", KeyM: "note",
    KeyH: "hand-over", KeyN: "next", KeyQ: "queue",
  };
  const arrows = rows.length > 0 && !event.shiftKey;
  if (event.code === "KeyJ" || (arrows && event.code === "ArrowDown")) move(1);
  else if (event.code === "KeyK" || (arrows && event.code === "ArrowUp")) move(-1);
  else if (event.code === "Slash" && event.shiftKey) showKeys();
  else if (event.code === "Slash") {
    const search = document.getElementById("q");
    if (!search) return;
    search.focus();
    search.select();
  } else if (acts[event.code] && !event.shiftKey) start(acts[event.code]);
  else return;
  event.preventDefault();
});

// Ctrl+Enter sends the panel that is being filled in.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.ctrlKey || !event.target.form) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

// A second click while the first is on its way sends nothing.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    // What opens beside this page changes nothing.
    if (event.submitter && event.submitter.formTarget === "_blank") return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}

// What has come since is told beside the title; nothing that is being read moves.
const news = document.getElementById("news");
if (news) {
  const ask = async () => {
    if (document.hidden) return;
    const answer = await fetch(`/console/news?since=${news.dataset.since}`, { redirect: "error" });
    const text = answer.ok ? await answer.text() : "";
    if (text === (news.textContent || "")) return;
    news.textContent = "";
    if (!text) return;
    const link = document.createElement("a");
    link.href = location.href;
    link.textContent = text;
    news.append(link);
  };
  setInterval(() => ask().catch(() => {}), 15_000);
}

// A scan is turned and enlarged in its place; without this its link opens it whole.
for (const viewer of document.querySelectorAll("[data-viewer]")) {
  const image = viewer.querySelector("img");
  let turned = 0;
  const button = (text, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "quiet";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  };
  const bar = document.createElement("div");
  bar.append(
    button("بزرگ یا کوچک", () => viewer.classList.toggle("large")),
    button("چرخش", () => {
      turned = (turned + 1) % 4;
      image.dataset.turned = String(turned);
    }),
  );
  viewer.before(bar);
}
