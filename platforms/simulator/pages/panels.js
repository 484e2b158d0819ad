// The side panel: people (with a host's controls) or chat. What was shown stays mounted, without size.

import { el, icon } from "./dom.js";
import { texts } from "./texts.js";

export class SidePanel {
  constructor(selfId, isHost, actions, onresize) {
    this.open = null;
    this.selfId = selfId;
    this.isHost = isHost;
    this.actions = actions;
    this.onresize = onresize;
    this.waiting = el("div", { class: "kMPnLb" });
    this.list = el("div", { role: "list", "aria-label": texts.participants, class: "AE8xFb" });
    this.messages = el("div", { class: "Ge9Kpc", "aria-live": "polite" });
    this.heading = el("h2", { class: "CYZUZd" });
    this.input = el("textarea", { class: "qdOxv-fmcmS-wGMbrd", "aria-label": texts.send,
      placeholder: texts.send, maxlength: 500, rows: 1 });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        this.#submit();
      }
    });
    this.peopleView = el("div", { class: "WUFI9b" }, this.waiting,
      el("div", { class: "jDhzsf" }, texts.inCall), this.list);
    this.chatView = el("div", { class: "hPqowe" }, this.messages,
      el("div", { class: "BC4V9b" }, this.input,
        el("button", { class: "VYBDae", type: "button", "aria-label": texts.sendButton,
          onclick: () => this.#submit() }, icon("send"))));
    this.body = el("div", { class: "R3Gmyc" });
    this.element = el("aside", { "aria-label": texts.panel, class: "KBC7gd qdulke" },
      el("div", { class: "xGGDqd" }, this.heading,
        el("button", { class: "VYBDae", type: "button", "aria-label": texts.close,
          onclick: () => this.toggle(this.open) }, icon("close"))),
      this.body);
  }

  // `which` is "people" or "chat"; the one that is open closes.
  toggle(which) {
    this.open = this.open === which ? null : which;
    this.element.classList.toggle("qdulke", this.open === null);
    if (this.open) {
      this.heading.textContent = this.open === "people" ? texts.peopleTitle : texts.chatTitle;
      this.body.replaceChildren(this.open === "people" ? this.peopleView : this.chatView);
    }
    this.onresize();
    if (this.open === "chat") this.input.focus();
  }

  people(people, speaking, waiting) {
    this.list.replaceChildren(...people.map((person) => this.#row(person, speaking.includes(person.id))));
    this.waiting.replaceChildren(...(waiting?.length ? [el("div", { class: "jDhzsf" }, texts.waiting)] : []),
      ...(waiting ?? []).map((person) => el("div", { class: "cxdMu" }, el("span", {}, person.name),
        this.#hostButton(texts.admit, "admit", person.id), this.#hostButton(texts.deny, "deny", person.id))));
  }

  chat(message) {
    this.messages.append(el("div", { "data-message-id": message.id, class: "RLrADb" },
      el("div", { class: "HNucUd" }, el("span", { class: "poVWob" }, message.who)),
      el("div", { class: "ptNLrf" }, el("div", { jsname: "dTKtvb" }, message.text))));
    this.messages.scrollTop = this.messages.scrollHeight;
  }

  #row(person, speaking) {
    const isSelf = person.id === this.selfId;
    const canRemove = this.isHost && !isSelf;
    return el("div", { role: "listitem", "data-participant-id": person.id, "aria-label": person.name,
      class: `cxdMu KV1GEc ${speaking ? "kssMZb" : ""}` },
    el("span", { class: "zWGUib" }, person.name), isSelf ? el("span", { class: "NnTWjc" }, texts.you) : null,
    person.mic ? null : icon("mic_off"), canRemove ? this.#hostButton(texts.remove, "remove", person.id) : null);
  }

  #hostButton(text, command, id) {
    return el("button", { class: "UywwFc-LgbsSe", type: "button", onclick: () => this.actions.host(command, id) },
      el("span", {}, text));
  }

  #submit() {
    const text = this.input.value.trim();
    if (text === "") return;
    this.actions.chat(text);
    this.input.value = "";
  }
}
