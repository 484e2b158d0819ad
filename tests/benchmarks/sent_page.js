// Runs in the recorder page: the same stream as ever, handed to another worker.
async ({ url, width, height, frameRate, wantVideo }) => {
  await openStream({ width, height, frameRate });
  const [video] = recorder.stream.getVideoTracks();
  const [audio] = recorder.stream.getAudioTracks();
  const readable = (track, maxBufferSize) =>
    new MediaStreamTrackProcessor({ track, maxBufferSize }).readable;
  const tracks = { audio: readable(audio, 200) };
  if (wantVideo) tracks.video = readable(video, 4);
  else video.stop();
  recorder.worker = new Worker("sent_worker.js");
  await new Promise((resolve, reject) => {
    recorder.worker.onmessage = ({ data }) => (data.ready ? resolve() : reject(new Error(data.failed)));
    recorder.worker.onerror = (event) => reject(new Error(event.message));
    recorder.worker.postMessage({ url, ...tracks }, Object.values(tracks));
  });
}
