// Tiles of the people in the call and their places on the stage.

import { el, icon } from "./dom.js";
import { selfVideo } from "./devices.js";
import { texts } from "./texts.js";

const SPEAKING = ["Oaajhc", "HX2H7", "wEsLMd", "OgVli", "BlxGDf"];
const SILENT = "gjg47c";
const GAP_PX = 8;

function avatar(name, colour) {
  const initial = el("div", { class: "m3Uzve" }, [...name][0].toUpperCase());
  initial.style.background = colour;
  return el("div", { class: "DYfzY" }, initial);
}

export class Tile {
  constructor(person, isSelf) {
    this.id = person.id;
    this.isSelf = isSelf;
    this.track = null;
    this.meter = el("div", { jsname: "QgSmzd", class: `IisKdb ${SILENT}` }, el("i", {}), el("i", {}), el("i", {}));
    this.mic = el("div", { class: "HotEze" });
    this.video = isSelf ? selfVideo("KeYwPe") : el("video", { class: "Gv1mTb-aTv5jf", playsinline: true });
    this.video.muted = true;
    this.video.autoplay = true;
    this.element = el("div",
      { "data-participant-id": person.id, "data-tile-media-id": `${person.id}/0`, class: "oZRSLe" },
      this.video, avatar(person.name, person.colour),
      el("div", { class: "koV58 Zi94Db" }), this.meter, this.mic,
      el("div", { class: "XEazBc" }, el("span", { class: "notranslate" }, person.name)),
      isSelf ? icon("frame_person", "hL7Fz") : null,
      el("div", { class: "rFpQKb", "data-purpose": "non-essential-ui" },
        el("button", { class: "VYBDae", type: "button", "aria-label": texts.pin(person.name) }, icon("keep")),
        el("button", { class: "VYBDae", type: "button", "aria-label": texts.more }, icon("more_vert"))));
  }

  update(person, track) {
    const shows = this.isSelf ? person.camera : person.camera && track !== null;
    this.element.classList.toggle("xUiB4b", !shows);
    this.mic.replaceChildren(...(person.mic ? [] : [icon("mic_off")]));
    if (this.isSelf || track === this.track) return;
    this.track = track;
    this.video.srcObject = track && new MediaStream([track]);
  }

  // Called every 100 ms: the class changes each time while the person speaks.
  tick(speaking, count) {
    const wanted = speaking ? SPEAKING[count % SPEAKING.length] : SILENT;
    if (!this.meter.classList.contains(wanted)) this.meter.className = `IisKdb ${wanted}`;
    this.element.classList.toggle("kssMZb", speaking);
  }
}

// Columns that make 16:9 tiles largest on the stage.
function bestColumns(count, width, height) {
  let best = { columns: 1, size: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const size = Math.min((width - GAP_PX * (columns - 1)) / columns,
      ((height - GAP_PX * (rows - 1)) / rows) * (16 / 9));
    if (size > best.size) best = { columns, size };
  }
  return best.columns;
}

function place(tile, left, top, width, height) {
  Object.assign(tile.element.style, {
    left: `${Math.round(left)}px`, top: `${Math.round(top)}px`,
    width: `${Math.round(width)}px`, height: `${Math.round(height)}px`, display: "",
  });
}

function grid(tiles, box) {
  const columns = bestColumns(tiles.length, box.width, box.height);
  const rows = Math.ceil(tiles.length / columns);
  const width = (box.width - GAP_PX * (columns - 1)) / columns;
  const height = (box.height - GAP_PX * (rows - 1)) / rows;
  tiles.forEach((tile, index) => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, tiles.length - row * columns);
    const indent = ((columns - inRow) * (width + GAP_PX)) / 2;
    place(tile, box.left + indent + (index % columns) * (width + GAP_PX),
      box.top + row * (height + GAP_PX), width, height);
  });
}

// `layout`: tiled and auto show all, spotlight one, sidebar one and a strip of the others.
export function arrange(stage, tiles, layout, speakerId) {
  const box = { left: 0, top: 0, width: stage.clientWidth, height: stage.clientHeight };
  const others = tiles.filter((tile) => !tile.isSelf);
  const self = tiles.find((tile) => tile.isSelf);
  self?.element.classList.toggle("nxOK4", others.length > 0);
  if (others.length === 0) {
    if (self) place(self, 0, 0, box.width, box.height);
    return;
  }
  if (self) place(self, box.width - 168, box.height - 98, 160, 90);
  const main = others.find((tile) => tile.id === speakerId) ?? others[0];
  const rest = others.filter((tile) => tile !== main);
  if (layout === "spotlight") {
    place(main, 0, 0, box.width, box.height);
    for (const tile of rest) tile.element.style.display = "none";
  } else if (layout === "sidebar" && rest.length > 0) {
    const strip = Math.round(box.width * 0.22);
    place(main, 0, 0, box.width - strip - GAP_PX, box.height);
    const height = Math.min((strip * 9) / 16, (box.height - GAP_PX * (rest.length - 1)) / rest.length);
    rest.forEach((tile, index) =>
      place(tile, box.width - strip, index * (height + GAP_PX), strip, height));
  } else {
    grid(others, box);
  }
}
