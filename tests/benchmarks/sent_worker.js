// The raw-frame transport the ring is measured against: both tracks over one WebSocket.
// A message is a header of 24 bytes (kind, three sizes, timestamp) and the payload.
"use strict";

const HEADER_BYTES = 24;
const MAX_QUEUED_BYTES = 8 * 1280 * 720 * 1.5; // as many pictures as the ring has slots
let socket;

function message(kind, timestamp, sizes, bytes) {
  const data = new Uint8Array(HEADER_BYTES + bytes);
  const header = new DataView(data.buffer);
  header.setUint32(0, kind, true);
  sizes.forEach((size, index) => header.setUint32(4 + 4 * index, size, true));
  header.setBigInt64(16, BigInt(Math.round(timestamp)), true);
  return data;
}

async function pumpVideo(readable) {
  const reader = readable.getReader();
  for (;;) {
    const { done, value: frame } = await reader.read();
    if (done) return;
    try {
      if (socket.bufferedAmount > MAX_QUEUED_BYTES) continue;
      const { width, height } = frame.visibleRect;
      const data = message(1, frame.timestamp, [width, height, 1], frame.allocationSize());
      await frame.copyTo(data.subarray(HEADER_BYTES));
      socket.send(data);
    } finally {
      frame.close();
    }
  }
}

async function pumpAudio(readable) {
  const reader = readable.getReader();
  for (;;) {
    const { done, value: sound } = await reader.read();
    if (done) return;
    try {
      const { numberOfFrames: frames, numberOfChannels: channels, sampleRate } = sound;
      const sizes = [sampleRate, channels, frames];
      const data = message(2, sound.timestamp, sizes, 4 * frames * channels);
      for (let planeIndex = 0; planeIndex < channels; planeIndex += 1) {
        const plane = new Float32Array(data.buffer, HEADER_BYTES + 4 * frames * planeIndex, frames);
        sound.copyTo(plane, { planeIndex, format: "f32-planar" });
      }
      socket.send(data);
    } finally {
      sound.close();
    }
  }
}

self.onmessage = ({ data: { url, video, audio } }) => {
  socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.onerror = () => postMessage({ failed: "the socket cannot be opened" });
  socket.onopen = () => {
    postMessage({ ready: true });
    Promise.all([video ? pumpVideo(video) : null, pumpAudio(audio)])
      .catch((error) => postMessage({ failed: String(error) }));
  };
};
