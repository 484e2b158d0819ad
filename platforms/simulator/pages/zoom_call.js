// The Zoom call: stage, footer, panels. Nothing on a tile tells who speaks; only the layout does.

import { selfVideo } from "./devices.js";
import { config, el, show } from "./dom.js";
import { ChatPanel, PeoplePanel } from "./zoom_panels.js";
import { footer, modal } from "./zoom_screens.js";
import { toggle, whenAudioJoined } from "./zoom_toggles.js";
import { texts } from "./zoom_texts.js";

const TICK_MS = 250;
const NODE_STEP = 1024; // the low ten bits of a node's number name its stream
const SHARE_STREAM = 3;
const VIEWS = ["speaker", "gallery"];

export class CallView {
  #people = [];
  #speaking = [];
  #active = null;
  #view = "speaker";
  #tiles = new Map();
  #hideTimer = 0;
  #lostTimer = 0;
  #regained = null;

  constructor({ id, title, people, chat }, media, mesh, actions) {
    this.selfId = id;
    this.media = media;
    this.mesh = mesh;
    this.actions = actions;
    this.isHost = people.some((person) => person.id === id && person.host);
    this.peoplePanel = new PeoplePanel(id, this.isHost, actions);
    this.chatPanel = new ChatPanel(actions, chat);
    this.stage = el("video-player-container", {});
    this.stage.attachShadow({ mode: "open" }).append(el("canvas", {}), el("slot", {}));
    this.screen = new SharedScreen();
    this.right = el("div", { id: "wc-container-right" });
    this.#buildFooter();
    this.root = el("div", { id: "meeting-app", class: "meeting-app" },
      el("div", { id: "wc-header", class: "meeting-header" }, el("span", { class: "meeting-info-icon__title" }, title), this.#viewMenu()),
      el("div", { id: "wc-container" },
        el("div", { id: "wc-container-left" }, el("div", { class: "main-layout" }, this.screen.element, this.stage)), this.right),
      this.footer.element);
    document.title = title;
    show(this.root);
    media.setMuted(true);
    whenAudioJoined(() => media.setMuted(false));
    this.people({ people, speaking: [] });
    this.wake = () => this.#pointerMoved();
    document.addEventListener("pointermove", this.wake);
    this.timer = setInterval(() => this.#tick(), TICK_MS);
    this.#pointerMoved();
  }

  people({ people, speaking, waiting }) {
    this.#people = people;
    this.#speaking = speaking;
    this.mesh.keepOnly(new Set(people.map((person) => person.id)));
    const count = people.length + (this.isHost ? waiting?.length ?? 0 : 0);
    this.footer.counter.firstChild.textContent = String(count);
    this.footer.people.setAttribute("aria-label", `open the participants list pane,[${count}] particpants`);
    this.peoplePanel.people(people, waiting);
    this.#showScreen(people.find((person) => person.presenting));
    this.#arrange();
  }

  chat(message) {
    this.chatPanel.add(message);
  }

  // A later call decides anew when the connection is there again.
  reconnecting(forS) {
    clearTimeout(this.#lostTimer);
    this.#regained?.();
    const box = modal("Reconnect server dialog", texts.reconnecting, []);
    this.stage.replaceChildren();
    this.#regained = () => { this.#regained = null; box.remove(); this.#arrange(); };
    this.#lostTimer = setTimeout(this.#regained, forS * 1000);
  }

  close() {
    clearInterval(this.timer);
    clearTimeout(this.#hideTimer);
    document.removeEventListener("pointermove", this.wake);
  }

  #buildFooter() {
    const button = (which, label, onclick, text) => el("div", { "feature-type": which, "data-feature-type": which },
      el("button", { type: "button", class: "footer-button-base__button", "aria-label": label, onclick }, text));
    this.footer = footer(0,
      button("chat", "open the chat panel", () => this.#toggle(this.chatPanel), texts.chat),
      this.isHost ? button("end", "End", () => this.actions.host("end", null), texts.end) : null,
      el("div", { class: "footer__leave-btn-container" },
        el("button", { type: "button", class: "footer-button-base__button", "aria-label": texts.leave, onclick: () => this.#askToLeave() }, texts.leave)));
    this.footer.bar.prepend(
      toggle(true, { class: "footer-button-base__button join-audio-container__btn" }, true),
      toggle(false, { class: "footer-button-base__button send-video-container__btn" }, true));
    this.footer.people.addEventListener("click", () => this.#toggle(this.peoplePanel));
  }

  #askToLeave() {
    this.options?.remove();
    this.options = el("div", { class: "leave-meeting-options" },
      el("button", { type: "button", class: "leave-meeting-options__btn leave-meeting-options__btn--danger",
        onclick: () => this.actions.leave() }, texts.leaveMeeting));
    this.root.append(this.options);
  }

  #toggle(panel) {
    const open = this.right.firstChild !== panel.element;
    this.right.replaceChildren(...(open ? [panel.element] : []));
    this.root.querySelector("[feature-type=chat] button").setAttribute("aria-label",
      open && panel === this.chatPanel ? "close the chat panel" : "open the chat panel");
    this.#arrange();
  }

  #viewMenu() {
    const menu = el("div", { class: "full-screen-widget__pop-menu", hidden: true });
    const items = VIEWS.map((view) => el("button", { type: "button", class: "full-screen-widget__item", onclick: () => {
      this.#view = view;
      items.forEach((item, n) => item.classList.toggle("full-screen-widget__item--checked", VIEWS[n] === view));
      menu.hidden = true;
      this.#arrange();
    } }, texts[view]));
    items[0].classList.add("full-screen-widget__item--checked");
    menu.append(...items);
    return el("div", { id: "full-screen-dropdown" }, el("button", { type: "button", class: "full-screen-widget__button",
      onclick: () => { menu.hidden = !menu.hidden; } }, texts.view), menu);
  }

  #tick() {
    const speaking = [...this.#speaking, ...this.mesh.speaking()].filter((id) => id !== this.selfId);
    // the last one stays named: the client forgets nobody who has spoken
    if (speaking.length > 0 && !speaking.includes(this.#active)) {
      this.#active = speaking[0];
      this.#arrange();
    }
    for (const person of this.#people) this.#tiles.get(person.id)?.update(person, this.#track(person));
  }

  // A screen that comes closes whatever panel is open.
  #showScreen(presenter) {
    if (presenter?.id === this.screen.of) return;
    const open = [this.peoplePanel, this.chatPanel].find((panel) => panel.element === this.right.firstChild);
    if (presenter && open) this.#toggle(open);
    this.screen.show(presenter, presenter && this.#tile(presenter).node, this.media.videoTrack(config.screenSlot));
  }

  #track(person) {
    if (person.slot !== null) return this.media.videoTrack(person.slot);
    return person.page ? this.mesh.videoTrack(person.id) : null;
  }

  #arrange() {
    const others = this.#people.filter((person) => person.id !== this.selfId);
    const shown = others.length > 0 ? others : this.#people;
    const main = shown.find((person) => person.id === this.#active) ?? shown[0];
    const sharing = this.screen.of !== undefined;
    const speakerView = !sharing && (this.#view === "speaker" || shown.length === 1);
    const order = sharing ? [main] : speakerView ? [main, ...shown.filter((person) => person !== main)] : shown;
    this.stage.className = sharing ? "suspension" : speakerView ? "speaker-view" : "gallery-view";
    this.stage.replaceChildren(...order.filter(Boolean).map((person) => {
      const frame = this.#frame(person, speakerView, person === main);
      return el("div", { class: frame }, this.#tile(person).element);
    }));
  }

  #frame(person, speakerView, isMain) {
    const active = person.id === this.#active && this.#people.length > 2;
    if (this.screen.of !== undefined) return "single-suspension-container__video-frame";
    if (speakerView && isMain) return "single-main-container__video-frame";
    const kind = speakerView ? "speaker-bar-container" : "gallery-video-container";
    return `${kind}__video-frame ${active ? `${kind}__video-frame--active` : ""}`;
  }

  #tile(person) {
    let tile = this.#tiles.get(person.id);
    if (!tile) {
      tile = new Tile(person, person.id === this.selfId, this.#tiles.size);
      this.#tiles.set(person.id, tile);
    }
    tile.update(person, this.#track(person));
    return tile;
  }

  #pointerMoved() {
    this.footer.element.classList.remove("footer--hidden");
    clearTimeout(this.#hideTimer);
    this.#hideTimer = setTimeout(() => this.footer.element.classList.add("footer--hidden"), config.toolbarHidesAfterS * 1000);
  }
}

// Who shares a screen is told by the number of its stream, and by a hint over it.
class SharedScreen {
  constructor() {
    this.of = undefined;
    this.video = el("video", { class: "tile-video", playsinline: true });
    this.video.muted = true;
    this.video.autoplay = true;
    this.player = el("video-player", { name: "share-content", "media-type": "video", "node-id": "" }, this.video);
    this.hint = el("div", { class: "sharee-sharing-indicator__tip" });
    this.element = el("div", { id: "sharee-container", hidden: true },
      el("video-player-container", { class: "sharee-container__canvas" }, this.player), this.hint);
  }

  show(presenter, node, track) {
    this.of = presenter?.id;
    this.element.hidden = !presenter;
    this.player.setAttribute("media-type", presenter ? "share" : "video");
    this.player.setAttribute("node-id", presenter ? String(node + SHARE_STREAM) : "");
    this.hint.textContent = presenter ? texts.viewing(presenter.name) : "";
    this.video.srcObject = presenter ? new MediaStream([track]) : null;
  }
}

class Tile {
  #track = null;
  #shows = null;

  constructor(person, isSelf, number) {
    this.isSelf = isSelf;
    this.video = isSelf ? selfVideo("tile-video") : el("video", { class: "tile-video", playsinline: true });
    this.video.muted = true;
    this.video.autoplay = true;
    this.node = (16 + number) * NODE_STEP;
    this.player = el("video-player", { "node-id": this.node, "media-type": "video" }, this.video);
    this.avatar = el("div", { class: "video-avatar__avatar" });
    this.element = el("div", { "data-attr": "video-item-container" }, this.avatar);
    this.element.style.background = person.colour;
  }

  update(person, track) {
    const shows = person.camera && (this.isSelf || track !== null);
    if (!this.isSelf && track !== this.#track) {
      this.#track = track;
      this.video.srcObject = track && new MediaStream([track]);
    }
    if (shows === this.#shows) return;
    this.#shows = shows;
    if (shows) this.element.prepend(this.player);
    else this.player.remove();
    this.avatar.replaceChildren(shows
      ? el("div", { class: "video-avatar__avatar-footer" }, el("span", { role: "none" }, person.name))
      : el("div", { class: "video-avatar__avatar-name" }, person.name));
  }
}
