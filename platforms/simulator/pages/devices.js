// The person's own microphone and camera, and the two toggles that every screen carries.

import { el, icon } from "./dom.js";
import { texts } from "./texts.js";

export const devices = {
  mic: false,
  camera: false,
  stream: new MediaStream(),
  onchange: () => {},
};

// Resolves to whether there is anything to see or hear with.
export async function openDevices() {
  try {
    const wanted = { audio: true, video: { width: 640, height: 360, frameRate: 30 } };
    devices.stream = await navigator.mediaDevices.getUserMedia(wanted);
  } catch (error) {
    console.info(`devices: ${error.name}`);
    return false;
  }
  devices.mic = devices.stream.getAudioTracks().length > 0;
  devices.camera = devices.stream.getVideoTracks().length > 0;
  return true;
}

export function closeDevices() {
  devices.onchange = () => {};
  for (const track of devices.stream.getTracks()) track.stop();
}

export function setDevices(mic, camera) {
  devices.mic = mic && devices.stream.getAudioTracks().length > 0;
  devices.camera = camera && devices.stream.getVideoTracks().length > 0;
  for (const track of devices.stream.getAudioTracks()) track.enabled = devices.mic;
  for (const track of devices.stream.getVideoTracks()) track.enabled = devices.camera;
  refresh();
  devices.onchange();
}

function refresh() {
  for (const [jsname, on] of [["hw0c9", devices.mic], ["psRWwc", devices.camera]]) {
    const mic = jsname === "hw0c9";
    for (const button of document.querySelectorAll(mic ? ".qIiG8c" : ".tdsXv")) {
      button.dataset.isMuted = String(!on);
      button.setAttribute("aria-label", label(mic, on));
      button.replaceChildren(icon(iconName(mic, on)));
    }
  }
  for (const video of document.querySelectorAll("video.KeYwPe")) video.srcObject = devices.stream;
  document.body.classList.toggle("xUiB4b", !devices.camera);
}

function label(mic, on) {
  if (mic) return on ? texts.micOff : texts.micOn;
  return on ? texts.camOff : texts.camOn;
}

function iconName(mic, on) {
  if (mic) return on ? "mic" : "mic_off";
  return on ? "videocam" : "videocam_off";
}

function toggle(mic) {
  setDevices(mic ? !devices.mic : devices.mic, mic ? devices.camera : !devices.camera);
}

export function toggles(extra = "") {
  return [["hw0c9", "qIiG8c", true, devices.mic], ["psRWwc", "tdsXv", false, devices.camera]].map(
    ([jsname, junk, mic, on]) =>
      el(
        "button",
        {
          jsname, class: `VYBDae ${junk} ${extra}`, type: "button", "data-is-muted": String(!on),
          "aria-label": label(mic, on), onclick: () => toggle(mic),
        },
        icon(iconName(mic, on)),
      ),
  );
}

export function selfVideo() {
  const video = el("video", { class: "KeYwPe", playsinline: true });
  video.muted = true;
  video.autoplay = true;
  video.srcObject = devices.stream;
  return video;
}

document.addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  if (!event.ctrlKey || event.altKey || (key !== "d" && key !== "e")) return;
  if (!document.querySelector(".qIiG8c")) return;
  event.preventDefault();
  toggle(key === "d");
});
