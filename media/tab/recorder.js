// Captures the tab whose title carries the launch flag's token and feeds both tracks to the worker.
"use strict";

const recorder = { worker: null, stream: null, state: "idle", error: null };

// Resolves once the worker holds the ring file and reads both tracks.
async function startCapture({ width, height, frameRate, wantVideo }) {
  await stopCapture();
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
  const [video] = recorder.stream.getVideoTracks();
  const [audio] = recorder.stream.getAudioTracks();
  if (!audio) throw new Error("the captured tab has no audio track");
  if (!wantVideo) video.stop();
  for (const track of [video, audio]) {
    track.addEventListener("ended", () => { recorder.state = `${track.kind}-ended`; });
  }
  const message = { audio: new MediaStreamTrackProcessor({ track: audio, maxBufferSize: 200 }).readable };
  if (wantVideo) {
    message.video = new MediaStreamTrackProcessor({ track: video, maxBufferSize: 4 }).readable;
  }
  recorder.worker = new Worker("worker.js");
  const clock = await new Promise((resolve, reject) => {
    recorder.worker.onmessage = ({ data }) => {
      if (data.ready) resolve(data.ready);
      else if (data.failed) { recorder.error = data.failed; reject(new Error(data.failed)); }
    };
    recorder.worker.onerror = (event) => reject(new Error(event.message));
    recorder.worker.postMessage(message, Object.values(message));
  });
  recorder.state = "capturing";
  const settings = video.getSettings();
  return { clock, width: settings.width, height: settings.height, audio: audio.getSettings() };
}

async function stopCapture() {
  recorder.state = "stopped";
  recorder.stream?.getTracks().forEach((track) => track.stop());
  recorder.worker?.terminate();
  recorder.stream = recorder.worker = null;
}

// What a browser must be able to do before it counts as one we can record with.
function capabilities() {
  const codecs = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
  return {
    h264: codecs.some((codec) => codec.mimeType === "video/H264"),
    processor: typeof MediaStreamTrackProcessor === "function",
    opfs: typeof navigator.storage?.getDirectory === "function",
  };
}
