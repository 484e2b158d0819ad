// Everything before and after the call: the green room, the lobby, the screens that end it.

import { config, el, icon, show, variant } from "./dom.js";
import { devices, openDevices, selfVideo, setDevices } from "./devices.js";
import { texts } from "./texts.js";
import { toggles } from "./toggles.js";

export function homeButton() {
  return el("button", { class: "mUIrbf-LgbsSe T7hhvc", type: "button", "aria-label": texts.home,
    onclick: () => location.assign("/landing") }, el("span", { class: "mUIrbf-vQzf8d" }, texts.home));
}

function banner() {
  return el("div", { role: "banner", class: "G9yvFc" },
    el("span", { class: "b5qRGd" }, "Google Meet"));
}

function preview(...children) {
  return el("div", { class: "oORaUb" }, selfVideo("KeYwPe"), ...children);
}

function dialog(title, text, ...buttons) {
  return el("div", { role: "dialog", "aria-modal": "true", "aria-label": title, class: "llhEMd" },
    el("div", { class: "VfPpkd-P5QLlc" }, el("h2", { class: "uW2Fw" }, title), el("p", {}, text),
      el("div", { class: "VfPpkd-T0kwCb" }, ...buttons)));
}

export function textButton(text, onclick, attributes = {}) {
  return el("button", { class: "UywwFc-LgbsSe", type: "button", onclick, ...attributes },
    el("span", { class: "UywwFc-vQzf8d" }, text));
}

function deviceDialog() {
  const box = dialog(texts.noDevices, texts.noDevicesMore,
    textButton(texts.allow, async () => {
      if (await openDevices()) setDevices(true, true);
      box.remove();
    }),
    textButton(texts.without, () => box.remove()));
  document.body.append(box);
}

export function consentDialog(onagree, onleave) {
  const box = dialog(texts.consentTitle, texts.consentMore,
    textButton(texts.consentNo, onleave, { "data-mdc-dialog-action": "cancel" }),
    textButton(texts.consentOk, () => { box.remove(); onagree(); }, { "data-mdc-dialog-action": "ok" }));
  document.body.append(box);
}

// Calls onjoin(name) when the join button is pressed. The button comes later than the toggles.
export async function greenRoom(onjoin) {
  const signedIn = variant("signed_in");
  const name = signedIn ? null : el("input", { jsname: "YPqjbf", type: "text", class: "qdOxv-fmcmS-wGMbrd",
    "aria-label": texts.yourName, placeholder: texts.yourName, autocomplete: "name", maxlength: 60 });
  const press = () => onjoin(name ? name.value.trim() : "Signed-in account");
  const button = el("button", { class: "UywwFc-LgbsSe UywwFc-LgbsSe-OWXEXe-dgl2Hf tusd3", type: "button",
    disabled: !signedIn, onclick: press },
    el("span", { jsname: "V67aGc", class: "UywwFc-vQzf8d" }, config.open ? texts.joinNow : texts.ask));
  name?.addEventListener("input", () => { button.disabled = name.value.trim() === ""; });
  name?.addEventListener("keydown", (event) => { if (event.key === "Enter" && !button.disabled) press(); });
  const side = el("div", { class: "d7iDfe" },
    el("h1", { jsname: "r4nke", class: "vgJExf" }, config.name),
    el("div", { class: "ZUpb4c" }, signedIn ? texts.ready : texts.askTitle), name);
  const found = await openDevices();
  show(banner(), el("main", { class: "oB3Kqd crqnQb" }, preview(el("div", { class: "Cs4fHd" }, ...toggles())), side));
  setDevices(devices.mic, devices.camera);
  if (config.deviceDialog === "always" || (config.deviceDialog === "auto" && !found)) deviceDialog();
  setTimeout(() => {
    side.append(el("div", { jsname: "Qx7uuf", class: "XCoPyb" }, button),
      el("button", { class: "mUIrbf-LgbsSe Ymr2K", type: "button" }, icon("expand_more"),
        el("span", {}, texts.otherWays)), homeButton());
  }, config.ctaDelayS * 1000);
}

// Has what the call has, and is not the call: Leave, toggles, a tile with an id, a chat button.
export function lobby(onleave) {
  const trap = el("div", { "data-participant-id": "x", "aria-label": texts.effects, class: "oZRSLe-qI2DRe" },
    icon("visual_effects"));
  const [title, more] = variant("host_absent")
    ? [texts.hostAbsent, texts.hostAbsentMore] : [texts.asking, texts.askingMore];
  show(banner(), el("main", { class: "oB3Kqd crqnQb" }, preview(trap),
    el("div", { class: "d7iDfe" }, el("div", { class: "Iamvwc" }),
      el("div", { role: "heading", "aria-level": "1", class: "dHFSie" }, title),
      el("div", { class: "zuyN1d" }, more), homeButton())), lobbyBar(onleave));
  if (variant("lobby_reenables_devices")) setTimeout(() => setDevices(true, true), 500);
}

function lobbyBar(onleave) {
  return el("div", { class: "R5ccN pMgRYb" }, ...toggles("ksBjEc"),
    el("button", { class: "VYBDae JnpJEb", type: "button", "aria-label": texts.chat }, icon("chat")),
    leaveButton(onleave));
}

// Admitted, and nobody to be seen yet: the lobby's text leaves first.
export function afterLobby(onleave) {
  show(banner(), el("main", { class: "oB3Kqd crqnQb" }, el("div", { class: "Iamvwc" })), lobbyBar(onleave));
}

// An old text that stays for a while over a call that has begun.
export function lingeringText() {
  const text = el("div", { class: "zuyN1d lW8qU" }, texts.askingMore);
  document.body.append(text);
  setTimeout(() => text.remove(), 2000);
}

export function keepWaitingDialog() {
  const box = dialog(texts.longWait, "", textButton(texts.keepWaiting, () => box.remove()));
  document.body.append(box);
}

export function leaveButton(onclick) {
  return el("button", { jsname: "CQylAd", class: "VYBDae jh0Tpd", type: "button", "aria-label": texts.leave,
    onclick }, icon("call_end"));
}

// Nobody comes by without solving it: the form is not there meanwhile.
function captcha() {
  const challenge = el("iframe", { src: "/recaptcha/challenge", title: "reCAPTCHA", width: 400, height: 580 });
  show(banner(), el("main", { class: "oB3Kqd VbtYFb" }, challenge));
}

// Screens of those who never were in the call.
export function refused(kind) {
  if (kind === "captcha") {
    captcha();
    return;
  }
  const again = kind === "denied" ? textButton(texts.askAgain, () => location.reload()) : null;
  const more = kind === "invalid" ? el("p", {}, texts.invalidMore) : null;
  show(banner(), el("main", { class: "oB3Kqd VbtYFb" }, el("h1", { class: "jwLXLb" }, texts.final[kind] ?? texts.final.blocked), more,
    el("div", { class: "Rghqt" }, again, homeButton())));
  if (kind === "blocked") {
    const elsewhere = location.hostname === "localhost" ? "/workspace" : "https://workspace.google.com/products/meet/";
    setTimeout(() => location.assign(elsewhere), config.leavesGoogleAfterS * 1000);
  }
}

// Screens of those who were. The address stays; later the page goes to its landing.
export function over(kind) {
  show(el("div", { "data-call-ended": "true", class: "JuG9Vb" }, banner(),
    el("main", { class: "oB3Kqd VbtYFb" },
      el("h1", { jsname: "r4nke", class: "roSPhc" }, texts.final[kind]),
      el("div", { class: "Rghqt" },
        kind === "removed" ? null : textButton(texts.rejoin, () => location.reload(), { jsname: "W6suGc" }),
        el("div", { jsname: "WIVZEd" }, homeButton())))));
  document.title = `Meet - ${config.code}`;
  setTimeout(() => location.assign("/landing"), config.landingAfterS * 1000);
}
