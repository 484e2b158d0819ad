// The call: stage, toolbar, panel, and the clock that makes tiles glow.

import { config, el, icon, show, variant } from "./dom.js";
import { arrange } from "./layout.js";
import { SidePanel } from "./panels.js";
import { leaveButton } from "./screens.js";
import { texts } from "./texts.js";
import { ScreenTile, Tile } from "./tiles.js";
import { toggles } from "./toggles.js";

const TICK_MS = 100;

export class CallView {
  #tiles = new Map();
  #people = [];
  #speaking = [];
  #ticks = 0;
  #layout = "auto";
  #speakerId = null;
  #screen = null;
  #hideTimer = 0;
  #lostTimer = 0;
  #regained = null;

  constructor({ id, title, people, chat }, media, mesh, actions) {
    this.selfId = id;
    this.media = media;
    this.mesh = mesh;
    this.isHost = people.some((person) => person.id === id && person.host);
    this.actions = actions;
    this.panel = new SidePanel(id, this.isHost, actions, () => this.#resized());
    this.stage = el("div", { class: "axUSnc" });
    this.live = el("div", { "aria-live": "polite", class: "SRzkuc" }, texts.joined);
    this.badge = el("span", { class: "gFyGKf BN1Lfc", "data-avatar-count": 1 }, "1");
    this.peopleButton = this.#sideButton("people", "1", "group", this.badge);
    this.chatButton = this.#sideButton("chat", "2", "chat_bubble");
    this.chatButton.setAttribute("aria-label", texts.chat);
    this.bar = this.#toolbar(title);
    this.root = el("div", { "data-call-ended": "false", class: "kFwPee" },
      el("div", { "data-meeting-title": title, class: "lefKC" },
        el("main", { class: "Pdo15c" }, this.stage, this.panel.element), this.bar), this.live);
    document.title = `${title} - Google Meet`;
    show(this.root);
    for (const message of chat) this.panel.chat(message);
    this.people({ people, speaking: [] });
    this.wake = () => this.#pointerMoved();
    document.addEventListener("pointermove", this.wake);
    document.addEventListener("keydown", this.wake);
    window.addEventListener("resize", () => this.#resized());
    this.timer = setInterval(() => this.#tick(), TICK_MS);
    if (variant("toolbar_starts_hidden")) this.bar.classList.add("Ioyrgb");
    else this.#pointerMoved();
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
    for (const person of people) this.#showPerson(person);
    this.#showScreen(people.find((person) => person.presenting));
    this.badge.dataset.avatarCount = String(people.length);
    this.badge.textContent = String(people.length);
    this.peopleButton.setAttribute("aria-label", texts.people(people.length));
    this.live.textContent = people.length === 1 ? texts.alone : texts.joined;
    this.panel.people(people, speaking, waiting);
    this.peopleButton.classList.toggle("Yt4Ogd", Boolean(waiting?.length));
    this.#resized();
  }

  chat(message) {
    this.panel.chat(message);
    if (this.panel.open !== "chat" && message.from !== this.selfId) {
      this.chatButton.setAttribute("aria-label", texts.chat + texts.newMessage);
      this.chatButton.classList.add("Yt4Ogd");
    }
  }

  // A later call decides anew when the connection is there again.
  reconnecting(forS) {
    clearTimeout(this.#lostTimer);
    this.#regained?.();
    const overlay = el("div", { class: "wE4Rc", role: "alert" }, el("div", { class: "Iamvwc" }),
      el("div", { class: "dHFSie" }, texts.reconnecting));
    const tiles = [...this.stage.children];
    this.stage.replaceChildren();
    this.root.append(overlay);
    this.#regained = () => {
      this.#regained = null;
      overlay.remove();
      this.stage.replaceChildren(...tiles);
      this.people({ people: this.#people, speaking: this.#speaking });
    };
    this.#lostTimer = setTimeout(this.#regained, forS * 1000);
  }

  close() {
    clearInterval(this.timer);
    clearTimeout(this.#hideTimer);
    document.removeEventListener("pointermove", this.wake);
    document.removeEventListener("keydown", this.wake);
  }

  #showPerson(person) {
    const isSelf = person.id === this.selfId;
    let tile = this.#tiles.get(person.id);
    if (!tile) {
      tile = new Tile(person, isSelf);
      this.#tiles.set(person.id, tile);
      this.stage.append(tile.element);
    }
    tile.update(person, this.#track(person));
  }

  #showScreen(presenter) {
    const id = presenter && `${presenter.id}/screen`;
    if (this.#screen && this.#screen.id !== id) {
      this.#screen.element.remove();
      this.#screen = null;
    }
    if (!presenter) return;
    if (!this.#screen) {
      this.#screen = new ScreenTile(presenter);
      this.stage.append(this.#screen.element);
    }
    this.#screen.update(this.media.videoTrack(config.screenSlot));
  }

  #track(person) {
    if (person.slot !== null) return this.media.videoTrack(person.slot);
    return person.page ? this.mesh.videoTrack(person.id) : null;
  }

  #tick() {
    this.#ticks += 1;
    const speaking = new Set([...this.#speaking, ...this.mesh.speaking()]);
    for (const [id, tile] of this.#tiles) tile.tick(speaking.has(id), this.#ticks);
    const speakerId = [...speaking].find((id) => id !== this.selfId);
    if (speakerId && speakerId !== this.#speakerId && !speaking.has(this.#speakerId)) {
      this.#speakerId = speakerId;
      this.#resized();
    }
    for (const person of this.#people) {
      if (person.page && person.id !== this.selfId) this.#tiles.get(person.id)?.update(person, this.#track(person));
    }
  }

  #resized() {
    const tiles = [...this.#tiles.values(), ...(this.#screen ? [this.#screen] : [])];
    arrange(this.stage, tiles, this.#layout, this.#speakerId);
  }

  #pointerMoved() {
    this.bar.classList.remove("Ioyrgb");
    this.root.classList.remove("UAojkb");
    clearTimeout(this.#hideTimer);
    this.#hideTimer = setTimeout(() => {
      this.bar.classList.add("Ioyrgb");
      this.root.classList.add("UAojkb");
    }, config.toolbarHidesAfterS * 1000);
  }

  #sideButton(which, panelId, symbol, ...children) {
    const press = () => {
      this.panel.toggle(which);
      if (which === "chat") {
        this.chatButton.setAttribute("aria-label", texts.chat);
        this.chatButton.classList.remove("Yt4Ogd");
      }
    };
    return el("button", { class: "VYBDae zE6Lcd", type: "button", "data-panel-id": panelId, onclick: press },
      icon(symbol), ...children);
  }

  #barButton(symbol, label, attributes = {}) {
    return el("button", { class: "VYBDae ksBjEc", type: "button", "aria-label": label, ...attributes }, icon(symbol));
  }

  #toolbar(title) {
    const endAll = el("button", { class: "UywwFc-LgbsSe eCpgIf", type: "button",
      onclick: () => this.actions.host("end", null) }, el("span", {}, texts.endAll));
    const controls = el("div", { role: "region", "aria-label": texts.controls, class: "R5ccN" },
      ...toggles("ksBjEc"),
      this.#barButton("closed_caption_off", texts.captions, { jsname: "RrG0hf" }),
      this.#barButton("present_to_all", texts.present),
      this.#barButton("back_hand", texts.hand, { jsname: "FpSaz" }),
      this.#barButton("more_vert", texts.more, { jsname: "NakZHc", onclick: () => this.#menu() }),
      leaveButton(this.actions.leave), this.isHost ? endAll : null);
    const details = el("button", { class: "VYBDae zE6Lcd", type: "button", "data-panel-id": "5",
      "aria-label": texts.details }, icon("info"));
    return el("div", { class: "rG0ybd", "data-purpose": "non-essential-ui" },
      el("div", { class: "u6vdEc" }, title), controls,
      el("nav", { class: "jsNRx" }, details, this.peopleButton, this.chatButton));
  }

  #menu() {
    const menu = el("div", { role: "menu", class: "JPdR6b" },
      el("div", { role: "menuitem", jsname: "WZerud", tabindex: 0, class: "z80M1",
        onclick: () => { menu.remove(); this.#layoutDialog(); } },
      icon("browse"), el("span", {}, texts.adjustView)));
    this.root.append(menu);
    setTimeout(() => document.addEventListener("click", () => menu.remove(), { once: true }));
  }

  #layoutDialog() {
    const option = ([value, label]) => {
      const radio = el("input", { type: "radio", name: "preferences", value, onchange: () => {
        this.#layout = value;
        this.#resized();
      } });
      radio.checked = value === this.#layout;
      return el("label", { class: "bTdjr" }, radio, el("span", {}, label));
    };
    const box = el("div", { role: "dialog", "aria-modal": "true", "aria-label": texts.adjustView, class: "llhEMd" },
      el("div", { class: "VfPpkd-P5QLlc" }, el("h2", { class: "uW2Fw" }, texts.adjustView),
        ...Object.entries(texts.layouts).map(option),
        el("div", { class: "VfPpkd-T0kwCb" }, el("button", { class: "VYBDae", type: "button",
          "aria-label": texts.close, onclick: () => box.remove() }, icon("close")))));
    this.root.append(box);
  }
}
