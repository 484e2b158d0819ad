// The Teams call: toolbar on top, stage below, a side panel for people or chat.

import { config, drawing, el, variant } from "./dom.js";
import { devices, selfVideo, toggleDevice } from "./devices.js";
import { arrange } from "./layout.js";
import { TeamsPanel } from "./teams_panel.js";
import { button, put } from "./teams_screens.js";
import { texts } from "./teams_texts.js";

const TICK_MS = 100;
const MIC = "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM6 11a6 6 0 0 0 12 0M12 17v4";
const SLASH = "M4 4l16 16";
let mounts = 0;

class TeamsTile {
  constructor(person, isSelf) {
    this.id = person.id;
    this.isSelf = isSelf;
    this.isScreen = false;
    this.track = null;
    mounts += 1;
    this.video = isSelf ? selfVideo("f-video") : el("video", { class: "f-video", playsinline: true });
    this.video.muted = true;
    this.video.autoplay = true;
    this.picture = el("div", { id: "video-stream-renderer-wrapper" }, this.video);
    this.avatar = el("div", { "data-tid": "participant-avatar", class: "f-avatar" }, [...person.name][0].toUpperCase());
    this.avatar.style.background = person.colour;
    // one's own tile has no outline, nor has another bot's
    this.outline = isSelf ? null : el("div", { "data-tid": "voice-level-stream-outline", class: "f-outline" });
    this.element = el("div", { role: "menuitem", "data-acc-element-id": `acc-${mounts}`, class: "f-tile" },
      el("div", { "data-tid": `video-item-container-${person.name}`, class: "f-fill" },
        el("div", { "data-stream-type": "Video", "data-tid": person.name, class: "f-fill" },
          this.picture, this.avatar, this.outline,
          el("span", { "data-tid": "participant-info-nametag", class: "f-name" }, person.name))));
  }

  update(person, track) {
    const shows = this.isSelf ? person.camera : person.camera && track !== null;
    this.picture.hidden = !shows;
    this.avatar.hidden = shows;
    if (this.isSelf || track === this.track) return;
    this.track = track;
    this.video.srcObject = track && new MediaStream([track]);
  }

  speaks(speaking) {
    this.outline?.classList.toggle("vdi-frame-occlusion", speaking);
  }
}

// What somebody shows of their screen lies in the middle, the people beside it.
class TeamsScreen {
  constructor(person, track) {
    this.id = person.id;
    const video = el("video", { class: "f-screen-share", playsinline: true });
    video.muted = true;
    video.autoplay = true;
    video.srcObject = new MediaStream([track]);
    this.element = el("div", { "data-tid": `video-item-container-${person.name}`, class: "f-fill" },
      el("div", { "data-stream-type": "ScreenSharing", "data-tid": person.name, class: "f-fill" }, video,
        el("span", { class: "f-name" }, person.name)));
  }
}

export class TeamsCall {
  #tiles = new Map();
  #people = [];
  #speaking = [];
  #layout = "tiled";
  #speakerId = null;
  #screen = null;
  #startedMs = performance.now();
  #lostTimer = 0;

  constructor({ id, title, people, chat }, media, mesh, actions) {
    this.selfId = id;
    this.media = media;
    this.mesh = mesh;
    this.actions = actions;
    const isHost = people.some((person) => person.id === id && person.host);
    this.panel = new TeamsPanel(id, isHost, actions, () => this.#arrange());
    this.timer = el("span", { "data-tid": "call-duration" }, "00:00");
    this.badge = el("span", { "data-tid": "toolbar-item-badge", "aria-hidden": "true", class: "f-badge" }, "1");
    this.strip = el("div", { "data-tid": "MixedStage-wrapper", "data-participant-count": "1", class: "f-strip" });
    this.alone = el("p", { class: "f-alone", hidden: true }, texts.alone);
    this.central = el("div", { "data-test-segment-type": "central", class: "f-central", hidden: true });
    this.stage = el("div", { "data-tid": "modern-stage-wrapper", class: "f-stage" }, this.central,
      el("div", { "data-test-segment-type": "side", class: "f-fill" }, this.strip), this.alone);
    this.banner = el("div", { "data-tid": "callingAlert-reconnecting", role: "alert", hidden: true, class: "f-banner" },
      texts.reconnecting);
    this.bar = el("div", { "data-tid": "ubar-toolbar-wrapper", class: "f-bar" }, this.timer, this.#toolbar(),
      this.#ending(isHost));
    document.title = `${title} | Microsoft Teams`;
    put(el("div", { "data-cid": "call-screen-wrapper", class: "f-call" }, this.bar, this.banner,
      el("div", { class: "f-below" }, this.stage, this.panel.element)));
    devices.onrefresh = () => this.#showDevices();
    this.#showDevices();
    if (variant("toolbar_collapsed")) this.#collapse();
    for (const message of chat) this.panel.chat(message);
    this.people({ people, speaking: [] });
    window.addEventListener("resize", () => this.#arrange());
    this.ticking = setInterval(() => this.#tick(), TICK_MS);
  }

  people({ people, speaking, waiting }) {
    this.#people = people;
    this.#speaking = speaking;
    const ids = new Set(people.map((person) => person.id));
    this.mesh.keepOnly(ids);
    for (const [id, tile] of this.#tiles) {
      if (!ids.has(id)) {
        tile.element.remove();
        this.#tiles.delete(id);
      }
    }
    for (const person of people) this.#show(person);
    this.#showScreen(people.find((person) => person.presenting));
    this.badge.textContent = people.length > 9 ? "9+" : String(people.length);
    this.strip.dataset.participantCount = String(people.length);
    this.alone.hidden = people.length > 1;
    this.panel.people(people, waiting);
    this.#arrange();
  }

  chat(message) {
    this.panel.chat(message);
  }

  // A later call decides anew when the connection is there again.
  reconnecting(forS) {
    clearTimeout(this.#lostTimer);
    this.banner.hidden = false;
    this.#lostTimer = setTimeout(() => { this.banner.hidden = true; }, forS * 1000);
  }

  close() {
    clearInterval(this.ticking);
  }

  #show(person) {
    let tile = this.#tiles.get(person.id);
    if (!tile) {
      tile = new TeamsTile(person, person.id === this.selfId);
      this.#tiles.set(person.id, tile);
      this.strip.append(tile.element);
    }
    tile.update(person, this.#track(person));
  }

  #showScreen(presenter) {
    if (presenter?.id === this.#screen?.id) return;
    this.#screen = presenter ? new TeamsScreen(presenter, this.media.videoTrack(config.screenSlot)) : null;
    this.central.replaceChildren(...(this.#screen ? [this.#screen.element] : []));
    this.central.hidden = this.#screen === null;
  }

  #track(person) {
    if (person.slot !== null) return this.media.videoTrack(person.slot);
    return person.page ? this.mesh.videoTrack(person.id) : null;
  }

  #tick() {
    const seconds = Math.floor((performance.now() - this.#startedMs) / 1000);
    const shown = [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
    if (this.timer.textContent !== shown) this.timer.textContent = shown;
    const speaking = new Set([...this.#speaking, ...this.mesh.speaking()]);
    for (const [id, tile] of this.#tiles) tile.speaks(speaking.has(id));
    const speakerId = [...speaking].find((id) => id !== this.selfId);
    if (speakerId && speakerId !== this.#speakerId && !speaking.has(this.#speakerId)) {
      this.#speakerId = speakerId;
      this.#arrange();
    }
    for (const person of this.#people) {
      if (person.page && person.id !== this.selfId) this.#tiles.get(person.id)?.update(person, this.#track(person));
    }
  }

  #arrange() {
    const layout = this.#screen ? "tiled" : this.#layout;
    arrange(this.strip, [...this.#tiles.values()], layout, this.#speakerId);
  }

  #collapse() {
    this.bar.querySelector("[role=toolbar]").remove();
    this.timer.remove();
    delete this.strip.dataset.participantCount;
  }

  #showDevices() {
    this.mic.replaceChildren(drawing({ "data-testid": `ubar-mic-${devices.mic ? "on" : "off"}-icon`, class: "f-icon" },
      devices.mic ? MIC : MIC + SLASH));
    this.mic.setAttribute("aria-label", devices.mic ? texts.mute : texts.unmute);
    this.camera.setAttribute("aria-label", devices.camera ? texts.cameraOff : texts.cameraOn);
  }

  #toolbar() {
    const roster = button(texts.people, () => this.panel.toggle("people"), { id: "roster-button" });
    roster.append(this.badge);
    this.camera = button(texts.camera, () => toggleDevice(false), { id: "video-button" });
    this.mic = button("", () => toggleDevice(true), { id: "mic-button" });
    return el("div", { role: "toolbar", "data-tid": "ubar-horizontal-middle-end", "aria-label": texts.controls, class: "f-tools" },
      button(texts.chat, () => this.panel.toggle("chat"), { id: "chat-button", "data-inp": "chat-button" }),
      roster, button(texts.raise, () => {}, { id: "raisehands-button" }),
      button(texts.view, () => this.#menu(), { id: "view-mode-button", "data-tid": "view-mode-button" }),
      button(texts.more, () => {}, { id: "callingButtons-showMoreBtn" }),
      this.camera, this.mic, button(texts.share, () => {}, { id: "screenshare-button" }));
  }

  #ending(isHost) {
    const leave = button(texts.leave, this.actions.leave, { id: "hangup-button", "data-tid": "hangup-main-btn",
      "data-inp": "hangup-button", "aria-label": texts.leave, "aria-keyshortcuts": "Ctrl+Shift+H", class: "f-button f-leave" });
    const endAll = isHost ? button(texts.endAll, () => this.actions.host("end", null),
      { id: "hangup-end-meeting-button" }) : null;
    return el("div", { role: "group", "data-tid": "ubar-horizontal-end", class: "f-tools" }, leave, endAll);
  }

  #menu() {
    const choose = (layout) => () => {
      this.#layout = layout;
      menu.remove();
      this.#arrange();
    };
    const menu = el("div", { role: "menu", class: "f-menu" },
      el("div", { role: "menuitem", tabindex: 0, id: "SpeakerView-button", onclick: choose("sidebar") }, texts.speaker),
      el("div", { role: "menuitem", tabindex: 0, id: "MixedGridView-button", onclick: choose("tiled") }, texts.gallery));
    this.bar.append(menu);
  }
}
