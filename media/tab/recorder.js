// Captures the tab whose title carries the launch flag's token and feeds both tracks to the worker.
"use strict";

const recorder = { id: null, worker: null, stream: null, asking: null, state: "idle", error: null };
const ASK_EVERY_MS = 200;

// Resolves once the worker holds the ring file and reads both tracks.
async function startCapture({ captureId, width, height, frameRate, wantVideo }) {
  stopCapture(recorder.id);
  Object.assign(recorder, { id: captureId, state: "starting", error: null });
  try {
    await openStream({ width, height, frameRate });
    await startWorker(captureId, wantVideo);
  } catch (error) {
    stopCapture(captureId);
    throw error;
  }
  recorder.state = "capturing";
  const { width: shownWidth, height: shownHeight } = recorder.stream.getVideoTracks()[0].getSettings();
  return { width: shownWidth ?? null, height: shownHeight ?? null };
}

async function openStream({ width, height, frameRate }) {
  recorder.stream = await navigator.mediaDevices.getDisplayMedia({
    // the picker is answered by the launch flag; sound comes only together with a picture
    video: { width: { max: width }, height: { max: height }, frameRate: { max: frameRate } },
    audio: {
      echoCancellation: false,
      noiseSuppression: false,
      autoGainControl: false,
      channelCount: 2,
      suppressLocalAudioPlayback: false,
    },
    selfBrowserSurface: "exclude",
    surfaceSwitching: "exclude",
    systemAudio: "exclude",
  });
}

async function startWorker(captureId, wantVideo) {
  const [video] = recorder.stream.getVideoTracks();
  const [audio] = recorder.stream.getAudioTracks();
  if (!audio) throw new Error("the captured tab has no audio track");
  for (const track of [video, audio]) {
    track.addEventListener("ended", () => {
      recorder.state = `${track.kind}-ended`;
      stopAsking();
    });
  }
  const readable = (track, maxBufferSize) => new MediaStreamTrackProcessor({ track, maxBufferSize }).readable;
  const tracks = { audio: readable(audio, 200) };
  if (wantVideo) tracks.video = readable(video, 4);
  else video.stop();
  const worker = recorder.worker = new Worker("worker.js");
  if (wantVideo) recorder.asking = setInterval(askForPicture, ASK_EVERY_MS, video);
  await new Promise((resolve, reject) => {
    const fail = (reason) => {
      if (recorder.worker === worker) recorder.error = reason;
      reject(new Error(reason));
    };
    const onReport = { ready: resolve, pictured: stopAsking, failed: fail };
    worker.onmessage = ({ data }) => onReport[data.report](data.reason);
    worker.onerror = (event) => fail(event.message || "the worker did not load");
    worker.postMessage({ captureId, ...tracks }, Object.values(tracks));
  });
}

// The one picture of a page that never changes is now and then lost while the capture starts;
// Chromium draws it again whenever a reader is added to the track.
function askForPicture(track) {
  new MediaStreamTrackProcessor({ track }).readable.cancel();
}

function stopAsking() {
  clearInterval(recorder.asking);
}

// Ends the capture `id`, unless another has taken its place.
function stopCapture(id) {
  if (recorder.id !== id) return;
  recorder.stream?.getTracks().forEach((track) => track.stop());
  recorder.worker?.terminate();
  stopAsking();
  Object.assign(recorder, { id: null, worker: null, stream: null, asking: null, state: "stopped" });
}

// What the page says about the capture `id`.
function captureState(id) {
  if (recorder.id !== id) return "stopped";
  return recorder.error ? `failed: ${recorder.error}` : recorder.state;
}
