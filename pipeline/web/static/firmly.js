// Comfort only: keys, the guard's word while typing, no second click. Everything works without this file.
"use strict";

const KEYS_OFF = "firmly.keys.off";
const typing = (target) => target instanceof Element && target.closest("input, textarea, select") !== null;

function remembered(name) {
  try { return localStorage.getItem(name) !== null; } catch { return false; }
}

function press(element) {
  if (element instanceof HTMLTextAreaElement || element instanceof HTMLInputElement) {
    element.focus();
  } else if (element instanceof HTMLDetailsElement) {
    element.open = !element.open;
    const first = element.querySelector("form button, form input:not([type=hidden])");
    (element.open && first ? first : element.querySelector("summary")).focus();
  } else if (element.matches("ul")) {
    (element.querySelector("button") || element.parentElement.querySelector("summary"))?.focus();
  } else {
    element.click();
  }
}

function walk(step) {
  const lines = [...document.querySelectorAll(".line")];
  const at = lines.indexOf(document.activeElement);
  const next = lines[at < 0 ? (step > 0 ? 0 : lines.length - 1) : Math.min(Math.max(at + step, 0), lines.length - 1)];
  if (next) next.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll(".menu[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
    if (typing(event.target)) event.target.blur();
    return;
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.id === "body") {
    document.getElementById("save").click();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || remembered(KEYS_OFF)) return;
  const key = event.key;
  const chosen = [...document.querySelectorAll("[data-key]")].find((e) => e.dataset.key === key);
  if (chosen) {
    event.preventDefault();
    press(chosen);
  } else if (key === "j" || key === "k") {
    event.preventDefault();
    walk(key === "j" ? 1 : -1);
  } else if (key === "/") {
    event.preventDefault();
    location.assign("/#q");
  } else if (key === "u" && document.querySelector("form[action$='/undo'] button")) {
    document.querySelector("form[action$='/undo'] button").click();
  }
});

// A second click finds the form already on its way.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (form.method === "post") {
    form.dataset.sent = "yes";
    if (event.submitter) event.submitter.setAttribute("aria-disabled", "true");
  }
});

// A page that comes back with the back button is asked for again: it may say what is no longer so.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

const draft = document.getElementById("draft");
if (draft) {
  const body = document.getElementById("body");
  const list = document.querySelector("#findings ul");
  const approve = document.getElementById("approve");
  const label = approve ? approve.firstChild.textContent : "";
  const saved = body.value;
  let waiting = 0, asked = 0;

  const line = (kind, text, excerpt) => {
    const item = document.createElement("li");
    item.className = kind;
    item.textContent = (kind === "block" ? "Blocks: " : "") + text;
    if (excerpt) {
      const quote = document.createElement("q");
      quote.dir = "auto";
      quote.textContent = excerpt;
      item.append(" ", quote);
    }
    return item;
  };

  const ask = async () => {
    const number = ++asked;
    try {
      const given = new URLSearchParams({ body: body.value, csrf: draft.elements.csrf.value });
      const answer = await fetch(draft.dataset.check, { method: "POST", body: given });
      if (!answer.ok || number !== asked) return;
      const found = await answer.json();
      list.replaceChildren(...(found.length
        ? found.map((f) => line(f.severity, f.message, f.excerpt))
        : [line("good", "The guard has nothing against these words.")]));
    } catch { /* the server says it again when the words are saved */ }
  };

  const save = document.getElementById("save");
  save.hidden = body.value === saved;
  body.addEventListener("input", () => {
    save.hidden = body.value === saved;
    if (approve) approve.firstChild.textContent = body.value === saved ? label : "Save, then look again ";
    clearTimeout(waiting);
    waiting = setTimeout(ask, 400);
  });
  window.addEventListener("beforeunload", (event) => {
    if (body.value === saved || draft.dataset.sent) return;
    event.preventDefault(); // whoever stays can send the same form again
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
}

const search = document.getElementById("q");
if (search && location.hash === "#q") search.focus();

const keys = document.getElementById("keys-on");
if (keys) {
  keys.checked = !remembered(KEYS_OFF);
  keys.addEventListener("change", () => {
    try { keys.checked ? localStorage.removeItem(KEYS_OFF) : localStorage.setItem(KEYS_OFF, "1"); } catch { /* not kept */ }
  });
}
