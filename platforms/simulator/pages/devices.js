// The person's own microphone and camera. How a client shows them is its own business.

import { el } from "./dom.js";

export const devices = {
  mic: false,
  camera: false,
  stream: new MediaStream(),
  onchange: () => {}, // tells the server
  onrefresh: () => {}, // tells the page's own toggles
};
const mirrors = new Set();

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
  for (const video of mirrors) video.srcObject = devices.stream;
  devices.onrefresh();
  devices.onchange();
}

export function toggleDevice(mic) {
  setDevices(mic ? !devices.mic : devices.mic, mic ? devices.camera : !devices.camera);
}

export function selfVideo(className) {
  const video = el("video", { class: className, playsinline: true });
  video.muted = true;
  video.autoplay = true;
  video.srcObject = devices.stream;
  mirrors.add(video);
  return video;
}
