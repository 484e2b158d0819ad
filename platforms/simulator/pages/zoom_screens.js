// Everything of the Zoom client before and after the call.

import { openDevices, selfVideo, setDevices, devices } from "./devices.js";
import { config, el, show, variant } from "./dom.js";
import { toggle } from "./zoom_toggles.js";
import { texts } from "./zoom_texts.js";

const JOINING_MS = 400;
const OWN_LEAVE_MS = 1300;
const HOME = "/wc/home";

export function footer(count, ...more) {
  const counter = el("span", { class: "footer-button__number-counter" }, el("span", {}, String(count)));
  const people = el("button", { type: "button", class: "footer-button-base__button",
    "aria-label": `open the participants list pane,[${count}] particpants` }, texts.participants, counter);
  const bar = el("div", { id: "foot-bar", class: "footer__inner" },
    el("div", { id: "participant", "feature-type": "participant", "data-feature-type": "participant" }, people), ...more);
  const element = el("footer", { id: "wc-footer", class: "footer main-footer" }, bar);
  return { element, bar, people, counter };
}

// A modal's label is Zoom's own name for it, in every language; its text is translated.
export function modal(label, title, buttons, classes = "zm-modal zm-modal-legacy", more = "") {
  const box = el("div", { role: "dialog", "aria-modal": "true", "aria-label": label, class: classes },
    el("div", { class: "zm-modal-body" }, el("div", { class: "zm-modal-body-title" }, title), el("p", {}, more),
      el("div", { class: "zm-modal-footer-default-actions" }, ...buttons.map(([text, onclick, primary = true]) =>
        el("button", { type: "button", class: `zm-btn zm-btn-legacy ${primary ? "zm-btn--primary" : ""}`,
          onclick: () => { if (onclick(box) !== false) box.remove(); } }, text)))));
  document.body.append(box);
  return box;
}

function app(...children) {
  return el("div", { id: "meeting-app", class: "meeting-app" }, ...children);
}

// Calls onjoin(name) when the form is sent. Only keys enable its button.
export async function greenRoom(onjoin) {
  const name = el("input", { id: "input-for-name", type: "text", placeholder: texts.yourName, autocomplete: "off" });
  const code = config.asksPasscode ? el("input", { id: "input-for-pwd", type: "password" }) : null;
  const error = el("p", { id: "error-for-pwd", class: "preview-error" });
  const button = el("button", { type: "button", class: "zm-btn preview-join-button disabled" }, texts.join);
  const complete = () => name.value.trim() !== "" && (!code || code.value !== "");
  for (const box of [name, code]) {
    box?.addEventListener("keyup", () => button.classList.toggle("disabled", !complete()));
  }
  button.addEventListener("click", () => {
    if (button.classList.contains("disabled")) return;
    if (code && code.value !== config.passcode) {
      code.setAttribute("aria-invalid", "true");
      error.textContent = texts.wrongPasscode;
      return;
    }
    joining(() => send(onjoin, name.value.trim()));
  });
  const found = await openDevices();
  show(el("div", { class: "preview-root" },
    el("video-player", { id: "preview-video-player", "media-type": "preview", "node-id": "canvas-preview" }, selfVideo("preview-self")),
    el("div", { class: "preview-controls" }, toggle(true, { id: "preview-audio-control-button" }),
      toggle(false, { id: "preview-video-control-button" })),
    el("label", {}, texts.yourName, name), code, code ? error : null,
    el("div", { class: "preview-join" }, button, el("div", { class: "preview-meeting-info" }, config.name))));
  if (variant("cookie_banner")) cookieBanner();
  setDevices(devices.mic, devices.camera);
  if (config.deviceDialog === "always" || (config.deviceDialog === "auto" && !found)) deviceDialog();
}

// It lies over the form until it is answered.
function cookieBanner() {
  const answer = (id, text) => el("button", { id, type: "button", onclick: () => box.remove() }, text);
  const box = el("div", { id: "onetrust-banner-sdk", role: "region", class: "cookies" }, el("p", {}, texts.cookies),
    answer("onetrust-reject-all-handler", texts.rejectAll), answer("onetrust-accept-btn-handler", texts.acceptAll));
  document.body.append(box);
}

const WALLS = {
  blocked: ["BotDetectedDialog", "wall"],
  full: ["Meeting is full", "full"],
  locked: ["Meeting is locked", "locked"],
};

function send(onjoin, name) {
  const wall = WALLS[config.wall];
  if (wall) modal(wall[0], texts[wall[1]], [[texts.ok, () => location.assign(HOME)]], "zm-modal zm-modal-legacy", texts[`${wall[1]}More`] ?? "");
  else if (config.wall === "captcha") document.body.append(el("div", { class: "preview-reCaptcha-error__message" }, "Check captcha"));
  else onjoin(name);
}

// The whole client is mounted below, with nobody in it.
function joining(then) {
  connecting();
  setTimeout(then, JOINING_MS);
}

export function connecting() {
  show(app(el("div", { id: "video-share-layout" }, el("video-player", { "node-id": "", "media-type": "video" })), footer(0).element,
    el("div", { id: "wc-loading" }, texts.joining)));
}

function deviceDialog() {
  const box = el("div", { role: "dialog", "aria-modal": "true", class: "zm-modal" },
    el("div", { class: "zm-modal-body" }, el("h2", {}, texts.devices),
      el("button", { type: "button", class: "zm-btn", onclick: async () => {
        if (await openDevices()) setDevices(true, true);
        box.remove();
      } }, texts.allow),
      el("button", { type: "button", class: "zm-btn", onclick: () => box.remove() }, texts.without)));
  document.body.append(box);
}

export function consent(onagree, onleave) {
  modal("Recording disclaimer", texts.consent, [[texts.leaveMeeting, onleave, false], [texts.gotIt, () => { onagree(); }]],
    "zm-modal recording-disclaimer-dialog", texts.consentMore);
}

// Has what the call has, and is not the call. Also for a host who is absent.
export function lobby(onleave) {
  const absent = config.variants.includes("host_absent");
  show(app(el("div", { class: "waiting-room-container" },
    el("div", { class: "wr-information" }, el("div", { class: "wr-topic" }, config.name),
      el("div", { class: "wr-tip" }, el("span", {}, absent ? texts.hostAbsent : texts.lobby))),
    el("div", { class: "btn-container" }, el("button", { type: "button", class: "leave-btn", onclick: onleave }, texts.leave))),
  footer(0).element));
}

const ENDINGS = {
  removed: ["You have been removed", "removed"],
  denied: ["You have been removed", "removed"],
  no_answer: ["You have been removed", "removed"],
  blocked: ["BotDetectedDialog", "wall"],
  ended: ["Meeting is end now", "ended"],
  gone: ["Meeting is end now", "ended"],
};

// Those who never were in: the same dialogs, led out in the end.
export function refused(kind) {
  over(kind);
}

export function over(kind) {
  if (kind === "left") {
    setTimeout(() => location.assign(HOME), OWN_LEAVE_MS);
    return;
  }
  const [label, text] = ENDINGS[kind];
  const out = () => location.assign(HOME);
  modal(label, texts[text], [[texts.ok, () => { out(); return false; }]]);
  setTimeout(out, config.landingAfterS * 1000);
}
