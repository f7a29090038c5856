// Keys for the console: j and k move, Enter opens, t takes up, r returns, a approves, x refuses.
// Everything works without this file.
"use strict";

const rows = Array.from(document.querySelectorAll("[data-row] a.open"));
let at = -1;

function move(step) {
  if (rows.length === 0) return;
  at = Math.min(rows.length - 1, Math.max(0, at + step));
  rows[at].focus();
  rows[at].scrollIntoView({ block: "nearest" });
}

function start(act) {
  const place = document.querySelector(`[data-act="${act}"]`);
  if (!place) return;
  if (place.tagName === "DETAILS") {
    for (const other of document.querySelectorAll("details[data-act]")) other.open = other === place;
    const first = place.querySelector("input:not([type=hidden]), textarea, select");
    if (first) first.focus();
  } else {
    place.querySelector("button").focus();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const typing = event.target.matches("input:not([type=checkbox]), textarea, select");
  if (event.key === "Escape" && typing) event.target.blur();
  if (typing) return;
  // The place of the key, not its letter: a Persian keyboard layout gives other letters.
  const acts = { KeyT: "accept", KeyR: "return", KeyA: "approve", KeyX: "refuse" };
  if (event.code === "KeyJ") move(1);
  else if (event.code === "KeyK") move(-1);
  else if (acts[event.code]) start(acts[event.code]);
  else return;
  event.preventDefault();
});

// A second click while the first is on its way sends nothing.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
