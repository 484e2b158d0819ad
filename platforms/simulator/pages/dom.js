// Elements of the page, built without markup strings: the page's own policy forbids those.

export const config = JSON.parse(document.querySelector("meta[name=config]").content);

export function variant(name) {
  return config.variants.includes(name);
}

// Attributes that a variant of a client does not have.
const DROPS = {
  no_jsname: ["jsname"],
  no_panel_ids: ["data-panel-id"],
  no_tile_ids: ["data-tile-media-id"],
  no_tids: ["data-tid", "data-cid", "data-testid", "data-inp"],
};
const dropped = new Set(config.variants.flatMap((name) => DROPS[name] ?? []));
const SVG = "http://www.w3.org/2000/svg";

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false || dropped.has(name)) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  return element;
}

// Attributes that are null or false are left out; functions become listeners.
export function el(tag, attributes = {}, ...children) {
  const element = set(document.createElement(tag), attributes);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function drawing(attributes, path) {
  const svg = set(document.createElementNS(SVG, "svg"), { viewBox: "0 0 24 24", "aria-hidden": "true", ...attributes });
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

// The text is the ligature that the real icon font would turn into a picture.
export function icon(name, extra = "") {
  return el("i", { class: `google-symbols ${extra} ic-${name}`, "aria-hidden": "true" }, name);
}

export function show(...nodes) {
  document.body.replaceChildren(...nodes);
}
