// The two panels of the Zoom client. Closed they are not in the page at all.

import { el } from "./dom.js";
import { texts } from "./zoom_texts.js";

export class PeoplePanel {
  constructor(selfId, isHost, actions) {
    this.selfId = selfId;
    this.isHost = isHost;
    this.actions = actions;
    this.waiting = el("div", { class: "waiting-room-list-container" });
    this.list = el("div", { id: "participants-ul", role: "list" });
    this.element = el("div", { class: "participants-section" }, this.waiting, this.list);
  }

  people(people, waiting) {
    this.list.replaceChildren(...people.map((person, n) => this.#row(person, n)));
    this.waiting.replaceChildren(...(waiting ?? []).map((person, n) => el("div", { id: `waitingRoom-li-${n}` },
      el("span", {}, person.name), this.#button(texts.admit, "admit", person.id), this.#button(texts.remove, "deny", person.id))));
  }

  #row(person, n) {
    const marks = [person.host && texts.host, person.id === this.selfId && texts.me].filter(Boolean).join(", ");
    const label = marks && `(${marks})`;
    const sound = person.mic ? "computer audio unmuted" : "computer audio muted";
    return el("div", { class: "participants-li", id: `participants-list-${n}`, role: "listitem",
      "aria-label": [person.name, label, sound, person.camera ? "video on" : "video off"].filter(Boolean).join(",") },
    el("span", { class: "participants-item__display-name" }, person.name),
    label ? el("span", { class: "participants-item__name-label" }, label) : null,
    this.isHost && person.id !== this.selfId ? this.#button(texts.remove, "remove", person.id) : null);
  }

  #button(text, command, id) {
    return el("button", { type: "button", class: "zm-btn", onclick: () => this.actions.host(command, id) }, text);
  }
}

export class ChatPanel {
  #messages = [];

  constructor(actions, messages) {
    this.list = el("div", { "aria-label": "Chat Message List" });
    this.box = el("div", { contenteditable: "true", class: "ProseMirror" });
    this.box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      const text = this.box.textContent.trim();
      if (text) actions.chat(text);
      this.box.replaceChildren();
    });
    this.element = el("div", { class: "chat-container" },
      el("div", { id: "chat-list-content", role: "application", class: "chat-virtuoso-wrapper" }, this.list),
      el("div", { class: "chat-rtf-box" }, this.box, el("button", { type: "button", class: "chat-rtf-box__send" }, "\u27a4")));
    for (const message of messages) this.add(message);
  }

  add(message) {
    const n = this.#messages.push(message);
    this.list.append(el("div", { class: "new-chat-message__container", id: `chat-message-${n}` },
      el("div", { id: `chat-message-content-${n}`, "aria-label": `${message.who} to Everyone, 10:00 AM, ${message.text}` }, message.text)));
  }
}
