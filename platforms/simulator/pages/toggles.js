// The two device toggles that every screen of the Meet client carries.

import { devices, toggleDevice } from "./devices.js";
import { el, icon, variant } from "./dom.js";
import { texts } from "./texts.js";

devices.onrefresh = () => {
  for (const [junk, on, mic] of [[".qIiG8c", devices.mic, true], [".tdsXv", devices.camera, false]]) {
    for (const button of document.querySelectorAll(junk)) {
      button.dataset.isMuted = String(!on);
      button.setAttribute("aria-label", label(mic, on));
      button.replaceChildren(icon(iconName(mic, on)));
    }
  }
  document.body.classList.toggle("xUiB4b", !devices.camera);
};

function label(mic, on) {
  if (mic) return on ? texts.micOff : texts.micOn;
  return on ? texts.camOff : texts.camOn;
}

function iconName(mic, on) {
  if (mic) return on ? "mic" : "mic_off";
  return on ? "videocam" : "videocam_off";
}

// Some builds draw them as buttons that are none.
const TAG = variant("second_layout") ? "div" : "button";

export function toggles(extra = "") {
  return [["hw0c9", "qIiG8c", true, devices.mic], ["psRWwc", "tdsXv", false, devices.camera]].map(
    ([jsname, junk, mic, on]) =>
      el(
        TAG,
        {
          jsname, class: `VYBDae ${junk} ${extra}`, role: "button", tabindex: 0, "data-is-muted": String(!on),
          "aria-label": label(mic, on), onclick: () => toggleDevice(mic),
        },
        icon(iconName(mic, on)),
      ),
  );
}

document.addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  if (!event.ctrlKey || event.altKey || (key !== "d" && key !== "e")) return;
  if (!document.querySelector(".qIiG8c")) return;
  event.preventDefault();
  toggleDevice(key === "d");
});
