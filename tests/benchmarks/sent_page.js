// Runs in the recorder page: the same stream as ever, handed to another worker.
async ({ url, width, height, frameRate }) => {
  await openStream({ width, height, frameRate });
  const [video] = recorder.stream.getVideoTracks();
  const [audio] = recorder.stream.getAudioTracks();
  const readable = (track, maxBufferSize) =>
    new MediaStreamTrackProcessor({ track, maxBufferSize }).readable;
  const tracks = { video: readable(video, 4), audio: readable(audio, 200) };
  recorder.worker = new Worker("sent_worker.js");
  await new Promise((resolve, reject) => {
    recorder.worker.onmessage = ({ data }) => (data.ready ? resolve() : reject(new Error(data.failed)));
    recorder.worker.onerror = (event) => reject(new Error(event.message));
    recorder.worker.postMessage({ url, ...tracks }, Object.values(tracks));
  });
}
