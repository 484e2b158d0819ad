// Runs in the recorder page: the captured stream is encoded by the browser and pushed, second by
// second, through the binding `takeChunk` as base64.
async ({ width, height, frameRate, wantVideo, videoBitsPerSecond, audioBitsPerSecond }) => {
  await openStream({ width, height, frameRate });
  if (!wantVideo) {
    for (const track of recorder.stream.getVideoTracks()) {
      track.stop();
      recorder.stream.removeTrack(track);
    }
  }
  // an MP4 would leave the page only at a keyframe of the encoder's choice
  const kinds = wantVideo ? ["video/webm;codecs=h264,opus"] : ["audio/webm;codecs=opus"];
  const mimeType = kinds.find((kind) => MediaRecorder.isTypeSupported(kind));
  if (!mimeType) throw new Error("this browser encodes none of what is asked for");
  const inPage = new MediaRecorder(recorder.stream, { mimeType, videoBitsPerSecond, audioBitsPerSecond });
  let pushed = Promise.resolve();
  const base64 = (blob) => new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.lastIndexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
  inPage.ondataavailable = ({ data }) => {
    if (data.size) pushed = pushed.then(async () => takeChunk(await base64(data)));
  };
  recorder.endInPage = () => new Promise((resolve) => {
    inPage.onstop = () => resolve(pushed);
    inPage.stop();
  });
  inPage.start(1000);
  return mimeType;
}
