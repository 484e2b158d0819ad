// The Teams side panel: people (with a host's controls) or chat.

import { el } from "./dom.js";
import { button } from "./teams_screens.js";
import { texts } from "./teams_texts.js";

export class TeamsPanel {
  constructor(selfId, isHost, actions, onresize) {
    this.open = null;
    this.selfId = selfId;
    this.isHost = isHost;
    this.actions = actions;
    this.onresize = onresize;
    this.messages = el("div", { "data-tid": "message-pane-list-viewport", class: "f-messages" });
    this.editor = el("div", { contenteditable: "true", role: "textbox", "aria-label": texts.typeMessage, class: "f-editor" });
    this.chatView = el("div", { class: "f-chat" }, this.messages, el("div", { "data-tid": "ckeditor" }, this.editor),
      button(texts.send, () => this.#submit(), { "data-tid": "newMessageCommands-send" }));
    this.rows = el("div", { role: "tree", "aria-label": "Attendees" });
    this.waiting = el("div", {});
    this.peopleView = el("div", { class: "f-chat" }, this.waiting, this.rows);
    this.element = el("div", { "data-tid": "calling-right-side-panel", class: "f-panel", hidden: true });
  }

  toggle(which) {
    this.open = this.open === which ? null : which;
    this.element.hidden = this.open === null;
    this.element.replaceChildren(...(this.open ? [this.open === "chat" ? this.chatView : this.peopleView] : []));
    this.onresize();
    if (this.open === "chat") this.editor.focus();
  }

  people(people, waiting) {
    this.rows.replaceChildren(...people.map((person) => el("div",
      { role: "treeitem", "data-cid": "roster-participant", "data-tid": `participantsInCall-${person.name}`,
        "aria-label": person.host ? `${person.name}, ${texts.organizer}` : person.name, class: "f-row" },
      el("span", { id: `roster-avatar-img-${person.id}` }, person.name),
      person.host ? el("span", { "data-tid": "ts-roster-organizer-status", class: "f-role" }, texts.organizer) : null,
      this.isHost && person.id !== this.selfId
        ? button(texts.remove, () => this.actions.host("remove", person.id)) : null)));
    this.waiting.replaceChildren(...(waiting ?? []).map((person) => el("div", { class: "f-row" }, person.name,
      button(texts.admit, () => this.actions.host("admit", person.id)),
      button(texts.deny, () => this.actions.host("deny", person.id)))));
  }

  chat(message) {
    this.messages.append(el("div", { "data-tid": "chat-pane-message", "data-mid": message.id, class: "f-message" },
      el("span", { "data-tid": "message-author-name" }, message.who),
      el("div", { id: `content-${message.id}` }, message.text)));
  }

  #submit() {
    const text = this.editor.innerText.trim();
    if (text === "") return;
    this.actions.chat(text);
    this.editor.replaceChildren();
  }
}
