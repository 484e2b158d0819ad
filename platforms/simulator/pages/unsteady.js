// What a struggling page does to whoever looks at it: parts come late, or go and come back.

import { variant } from "./dom.js";

const LATE_MS = 1500;
const FLAP_MS = 900;
const GONE_MS = 300;

// By attributes of our own: class names are what some clients tell a speaker by.
const sheet = new CSSStyleSheet();
sheet.replaceSync("[data-late], [data-gone] { display: none !important; }");

function leaves(element) {
  return [element, ...element.querySelectorAll("*")].filter((each) => each.childElementCount === 0);
}

function mark(elements, name, forMs) {
  for (const element of elements) element.setAttribute(name, "");
  setTimeout(() => elements.forEach((element) => element.removeAttribute(name)), forMs);
}

// Whatever is put up has every second part of it missing at first.
function halfRendered() {
  new MutationObserver((records) => {
    const added = records.flatMap((record) => [...record.addedNodes]).filter((node) => node instanceof Element);
    mark(added.flatMap(leaves).filter((_, n) => n % 2 === 0), "data-late", LATE_MS);
  }).observe(document.body, { childList: true, subtree: true });
}

// Now these parts are gone for a moment, now the others, now all of them.
function flapping() {
  let turn = 0;
  setInterval(() => {
    turn += 1;
    const all = leaves(document.body);
    mark(turn % 3 === 0 ? [document.body] : all.filter((_, n) => n % 2 === turn % 2), "data-gone", GONE_MS);
  }, FLAP_MS);
}

export function unsteady() {
  document.adoptedStyleSheets.push(sheet);
  if (variant("half_rendered")) halfRendered();
  if (variant("flapping")) flapping();
}
