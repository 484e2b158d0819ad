// Tiles of the people in the call.

import { el, icon } from "./dom.js";
import { selfVideo } from "./devices.js";
import { texts } from "./texts.js";

const SPEAKING = ["Oaajhc", "HX2H7", "wEsLMd", "OgVli", "BlxGDf"];
const SILENT = "gjg47c";

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
