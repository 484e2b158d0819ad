// Microphone and camera as the Zoom client shows them: the icon's class says what they are.

import { devices, toggleDevice } from "./devices.js";
import { drawing, el, variant } from "./dom.js";

const PATH = "M12 4v9M8 12a4 4 0 0 0 8 0M12 16v4";
const buttons = new Set();
let audioJoined = !variant("audio_not_joined");
let onjoin = () => {};

function kind(mic, inCall) {
  if (!mic) return devices.camera ? ["SvgVideoOn", "stop my video"] : ["SvgVideoOff", "start my video"];
  if (inCall && !audioJoined) return ["SvgAudioJoin", "join audio"];
  return devices.mic ? ["SvgAudioMute", "mute my microphone"] : ["SvgAudioUnmute", "unmute my microphone"];
}

function draw({ button, mic, inCall }) {
  const [icon, label] = kind(mic, inCall);
  button.setAttribute("aria-label", label);
  button.replaceChildren(drawing({ class: icon, width: 24, height: 24 }, PATH));
}

export function toggle(mic, attributes, inCall = false) {
  const entry = { mic, inCall };
  entry.button = el("button", { type: "button", ...attributes, onclick: () => {
    if (mic && inCall && !audioJoined) {
      audioJoined = true;
      onjoin();
      for (const each of buttons) draw(each);
    } else {
      toggleDevice(mic);
    }
  } });
  buttons.add(entry);
  draw(entry);
  return entry.button;
}

// Calls back when the sound of the others is wanted, at once if it is from the start.
export function whenAudioJoined(callback) {
  if (audioJoined) callback();
  else onjoin = callback;
}

devices.onrefresh = () => {
  for (const each of buttons) draw(each);
};
