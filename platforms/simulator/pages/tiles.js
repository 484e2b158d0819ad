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

// A shared screen is a second tile of whoever shares it.
export class ScreenTile {
  constructor(person) {
    this.id = `${person.id}/screen`;
    this.isSelf = false;
    this.isScreen = true;
    this.track = null;
    this.video = el("video", { class: "Gv1mTb-PVLJEc", playsinline: true });
    this.video.muted = true;
    this.video.autoplay = true;
    this.element = el("div",
      { "data-participant-id": person.id, "data-tile-media-id": `${person.id}/1`, class: "oZRSLe" },
      el("div", { "data-layout": "roi-crop", class: "axUSnc-screen" }, this.video),
      el("div", { class: "XEazBc" }, el("span", { class: "notranslate" }, texts.presenting(person.name))));
  }

  update(track) {
    if (track === this.track) return;
    this.track = track;
    this.video.srcObject = track && new MediaStream([track]);
  }
}

export class Tile {
  constructor(person, isSelf) {
    this.id = person.id;
    this.isSelf = isSelf;
    this.isScreen = false;
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
