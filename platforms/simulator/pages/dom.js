// Elements of the page, built without markup strings: the page's own policy forbids those.

export const config = JSON.parse(document.querySelector("meta[name=config]").content);

export function variant(name) {
  return config.variants.includes(name);
}

const PANEL_ATTRIBUTES = new Set(["data-panel-id"]);
const TILE_ATTRIBUTES = new Set(["data-tile-media-id"]);

function dropped(name) {
  return (
    (name === "jsname" && variant("no_jsname")) ||
    (PANEL_ATTRIBUTES.has(name) && variant("no_panel_ids")) ||
    (TILE_ATTRIBUTES.has(name) && variant("no_tile_ids"))
  );
}

// Attributes that are null or false are left out; functions become listeners.
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false || dropped(name)) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// The text is the ligature that the real icon font would turn into a picture.
export function icon(name, extra = "") {
  return el("i", { class: `google-symbols ${extra} ic-${name}`, "aria-hidden": "true" }, name);
}

export function show(...nodes) {
  document.body.replaceChildren(...nodes);
}
