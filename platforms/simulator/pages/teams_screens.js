// Everything before and after the Teams call: launcher, prejoin, lobby, the screens that end it.

import { config, el, variant } from "./dom.js";
import { devices, openDevices, selfVideo, setDevices, toggleDevice } from "./devices.js";
import { texts } from "./teams_texts.js";

const REFUSED_NAME = /[^\p{L}\p{M}\p{N} '\-._@]/u;

export function put(...nodes) {
  document.body.replaceChildren(el("div", { id: "root" },
    el("div", { "data-tid": "meeting-branding-v9-provider" },
      el("div", { "data-tid": "meeting-branding-v0-provider", class: "f-page" }, ...nodes))));
}

export function button(text, onclick, attributes = {}) {
  return el("button", { type: "button", class: "f-button", onclick, ...attributes }, text);
}

// Opening the app is what no bot may do: the page says so and is a dead end.
export function launcher(oncontinue) {
  put(el("main", { class: "f-box" }, el("h1", {}, texts.howToJoin),
    el("button", { type: "button", class: "f-button", "data-tid": "joinOnWeb", "aria-label": texts.fromBrowser,
      onclick: oncontinue }, el("h3", {}, texts.onBrowser)),
    button(texts.inApp, () => { document.title = "app opened"; put(); }, { "data-tid": "joinInApp" })));
}

function dialog(title, attributes, ...children) {
  return el("div", { class: "f-veil" }, el("div", { role: "dialog", "aria-modal": "true", "aria-label": title,
    class: "f-dialog fui-Dialog__surface", ...attributes }, el("h2", {}, title), ...children));
}

function deviceSwitch(which, on, label) {
  const mic = which === "mute";
  const input = el("input", { type: "checkbox", role: "switch", "data-tid": `toggle-${which}`,
    "data-cid": mic ? `toggle-mute-${on}` : null, "aria-label": label, onchange: () => toggleDevice(mic) });
  input.checked = on;
  return el("label", { class: "f-switch" }, input, label);
}

function switches() {
  const found = devices.stream.getTracks().length > 0;
  const both = [deviceSwitch("video", devices.camera, texts.camera), deviceSwitch("mute", devices.mic, texts.mic)];
  devices.onrefresh = () => {
    for (const [index, on] of [devices.camera, devices.mic].entries()) {
      both[index].querySelector("input").checked = on;
    }
    if (both[1].querySelector("[data-cid]")) both[1].querySelector("input").dataset.cid = `toggle-mute-${devices.mic}`;
  };
  for (const each of both) each.querySelector("input").disabled = !found;
  return both;
}

// The whole form; the lobby shows it again, with a join button that cannot be pressed.
function form({ name, sent, oncancel, onjoin }) {
  const join = button(texts.join, onjoin, { id: "prejoin-join-button", "data-tid": "prejoin-join-button",
    "aria-label": texts.join, class: "f-button f-primary", disabled: sent });
  return [
    el("div", { "data-tid": "prejoin-header-content" },
      el("span", { "data-tid": "meeting-header-title", title: config.name, class: "f-title" }, config.name)),
    el("div", { "data-tid": "calling-prejoin-render-content-container", class: "f-prejoin" },
      el("div", { "data-tid": "prejoin-v2-video-preview", class: "f-preview" }, selfVideo("f-mirror")),
      el("div", { class: "f-side" }, ...switches(), name,
        button(texts.cancel, oncancel, { "data-tid": "prejoin-cancel-button" }), join)),
  ];
}

function nameBox(heldName) {
  if (variant("signed_in")) {
    return el("button", { type: "button", "data-tid": "account-selection-change-account-button" }, "Signed-in account");
  }
  const box = el("input", { type: "text", "data-tid": "prejoin-display-name-input", placeholder: texts.yourName,
    "aria-label": texts.yourName, autocomplete: "off", class: "f-input" });
  box.addEventListener("input", () => { heldName.value = box.value; });
  return box;
}

function noDevices(onanswer) {
  const veil = dialog(texts.noDevices, {}, button(texts.without, () => { veil.remove(); onanswer(); }));
  document.body.append(veil);
}

// No dialog, and yet it swallows every click on the form.
function cookieBanner() {
  const veil = el("div", { role: "region", "aria-label": texts.cookies, class: "f-veil" },
    el("div", { class: "f-dialog" }, el("h2", {}, texts.cookies), button(texts.accept, () => veil.remove())));
  document.body.append(veil);
}

export async function greenRoom(onask, onshown = () => {}) {
  const held = { value: variant("signed_in") ? "Signed-in account" : "" };
  const found = await openDevices();
  const box = nameBox(held);
  const passcode = config.asksPasscode
    ? el("input", { type: "password", "data-tid": "prejoin-passcode-input", class: "f-input" }) : null;
  const fields = el("div", { class: "f-fields" }, box, passcode, el("p", { class: "f-wrong" }));
  let lost = variant("first_click_lost");
  let asksDevices = config.deviceDialog === "always" || (config.deviceDialog === "auto" && !found);
  const press = () => {
    if (lost) { lost = false; return; }
    const wrong = held.value.trim() === "" || REFUSED_NAME.test(held.value);
    fields.lastChild.textContent = wrong ? texts.badName : "";
    if (wrong) return;
    if (passcode && passcode.value !== config.passcode) { refused("invalid"); return; }
    if (asksDevices) { asksDevices = false; noDevices(() => {}); return; }
    document.getElementById("prejoin-join-button").disabled = true;
    onask(held.value.trim());
  };
  setTimeout(() => {
    put(el("div", { role: "region", "data-tid": "calling-prejoin-screen", class: "f-screen" },
      ...form({ name: fields, sent: false, onjoin: press, oncancel: () => {} })));
    if (variant("cookie_banner")) cookieBanner();
    setDevices(devices.mic, devices.camera);
    onshown();
  }, config.ctaDelayS * 1000);
}

export function connecting() {
  put(el("div", { role: "region", "data-tid": "calling-connecting-screen", class: "f-screen f-center" },
    el("div", { class: "f-spinner" })));
}

export function lobby(onleave) {
  const box = nameBox({ value: "" });
  put(el("div", { role: "region", "data-tid": "calling-lobby-screen", class: "f-screen" },
    el("p", { class: "f-lobby" }, texts.lobby),
    ...form({ name: box, sent: true, onjoin: () => {}, oncancel: onleave })));
  if (variant("lobby_reenables_devices")) setTimeout(() => setDevices(true, true), 500);
}

export function consentDialog(onagree, onleave) {
  const veil = dialog(texts.consentTitle, {}, el("p", {}, texts.consentMore),
    button(texts.leave, onleave), button(texts.accept, () => { veil.remove(); onagree(); }));
  document.body.append(veil);
}

function riddle() {
  document.body.append(dialog(texts.captcha, { "aria-describedby": "captcha-dialog-instructions" },
    el("p", { id: "captcha-dialog-instructions" }, texts.captchaMore),
    el("img", { "data-tid": "HIP-Captcha-Image", width: 200, height: 60, alt: "" }),
    el("input", { "data-tid": "HIP-Captcha-Input", type: "text" }),
    button(texts.accept, () => {}, { "data-tid": "HIP-Captcha-Submit" })));
}

function notFound(kind) {
  put(el("div", { "data-tid": "calling-retry-screen", class: "f-screen f-center" },
    el("div", { role: "alert", "data-tid": "calling-retry-screen-alert-container" },
      el("h2", { id: "calling-retry-screen-description" }, texts.final[kind])),
    el("input", { id: "meeting-id-input-field-id", "data-tid": "meeting-code-input", class: "f-input" }),
    el("input", { "data-tid": "meeting-passcode-input", class: "f-input" }),
    button(texts.join, () => {}, { "data-tid": "calling-retry-rejoinbutton", disabled: true }),
    button(texts.cancel, () => {}, { "data-tid": "calling-retry-cancelbutton" })));
}

function retryScreen(kind) {
  put(el("div", { "data-tid": "calling-retry-screen", class: "f-screen f-center" },
    el("h1", { id: "calling-retry-screen-title" }, texts.final[kind] ?? texts.final.blocked),
    button(texts.rejoin, () => location.reload(), { "data-tid": "calling-retry-rejoinbutton" }),
    button(texts.cancel, () => {}, { "data-tid": "calling-retry-cancelbutton" })));
}

export function refused(kind) {
  if (kind === "captcha") greenRoom(() => {}, riddle);
  else if (kind === "invalid" || kind === "expired") notFound(kind);
  else retryScreen(kind);
}

export function over(kind) {
  if (kind === "removed" || kind === "gone") {
    retryScreen(kind);
    return;
  }
  const stale = variant("hangup_stays")
    ? button(texts.leave, () => {}, { id: "hangup-button", "data-tid": "hangup-main-btn" }) : null;
  put(el("div", { "data-testid": "calling-anon-meeting-end-screen", class: "f-screen f-center" },
    el("h1", { "data-tid": "anon-meeting-end-screen-header" }, texts.final[kind]),
    kind === "left" ? el("p", {}, texts.byMistake) : null,
    button(texts.rejoin, () => location.reload(), { "data-tid": "anon-meeting-end-screen-rejoin-button" }), stale));
}
