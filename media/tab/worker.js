// Writes raw pictures and samples into the ring. See layout.py for the layout.
"use strict";
importScripts("layout.js");

const written = { video: 0, audio: 0 };
const dropped = { video: 0, audio: 0 };
const readAt = { video: RING.videoReadAt, audio: RING.audioReadAt };
const header = new DataView(new ArrayBuffer(RING.slotHeaderBytes));
const counters = new DataView(new ArrayBuffer(32));
const position = new DataView(new ArrayBuffer(8));
let ring;

const nowMicroseconds = () => Math.round((performance.timeOrigin + performance.now()) * 1000);

async function openRing(captureId) {
  const root = await navigator.storage.getDirectory();
  // a new file for every capture: the old one may still be held by a worker that is going away
  for await (const name of root.keys()) await root.removeEntry(name).catch(() => {});
  const file = await root.getFileHandle(`ring-${Date.now()}`, { create: true });
  const handle = await file.createSyncAccessHandle();
  const zeros = new Uint8Array(1 << 20);
  for (let at = 0; at < RING.ringBytes; at += zeros.length) {
    // written, not truncated: a full disk must show now, not as a crash in mid-meeting
    const length = Math.min(zeros.length, RING.ringBytes - at);
    const stored = handle.write(zeros.subarray(0, length), { at });
    if (stored < length) throw new Error(`no room: ${at + stored} of ${RING.ringBytes} bytes`);
  }
  const word = new DataView(new ArrayBuffer(8));
  word.setBigUint64(0, BigInt(captureId), true);
  handle.write(word, { at: RING.captureIdAt });
  word.setBigUint64(0, BigInt(RING.magic), true);
  handle.write(word, { at: 0 });
  handle.flush();
  return handle;
}

function publishCounters() {
  counters.setBigUint64(0, BigInt(written.video), true);
  counters.setBigUint64(8, BigInt(dropped.video), true);
  counters.setBigUint64(16, BigInt(written.audio), true);
  counters.setBigUint64(24, BigInt(dropped.audio), true);
  ring.write(counters, { at: RING.videoWrittenAt });
}

const unread = (kind) => {
  ring.read(position, { at: readAt[kind] });
  return written[kind] - Number(position.getBigUint64(0, true));
};

// The slot for the next item, or null (counted) while the reader has not freed one.
function claim(kind) {
  const { slots, slotBytes, firstAt } = RING[kind];
  // looked at twice: the first look may have met the number while it was being written
  const isFree = (count) => count >= 0 && count < slots;
  if (!isFree(unread(kind)) && !isFree(unread(kind))) {
    dropped[kind] += 1;
    publishCounters();
    return null;
  }
  return firstAt + (written[kind] % slots) * slotBytes;
}

function publish(kind, slotAt, { timestamp, arrival, first, second, frames, bytes }) {
  written[kind] += 1;
  header.setBigUint64(0, BigInt(written[kind]), true);
  header.setBigInt64(8, BigInt(Math.round(timestamp)), true);
  header.setBigInt64(16, BigInt(arrival), true);
  header.setUint32(24, first, true);
  header.setUint32(28, second, true);
  header.setUint32(32, frames, true);
  header.setUint32(36, bytes, true);
  ring.write(header, { at: slotAt });
  publishCounters();
}

async function pumpVideo(readable) {
  const reader = readable.getReader();
  const payload = new Uint8Array(RING.video.slotBytes - RING.slotHeaderBytes);
  for (;;) {
    const { done, value: frame } = await reader.read();
    if (done) return;
    const arrival = nowMicroseconds();
    try {
      if (frame.format !== "I420") throw new Error(`captured pictures are ${frame.format}`);
      // an odd size cannot be halved for the colours: the last row or column is left out
      const { x, y, width: wide, height: high } = frame.visibleRect;
      const [first, second] = [wide & ~1, high & ~1];
      const size = { rect: { x, y, width: first, height: second } };
      const bytes = frame.allocationSize(size);
      if (bytes > payload.length) throw new Error(`a picture of ${first}x${second} has no room`);
      const slotAt = claim("video");
      if (slotAt === null) continue;
      await frame.copyTo(payload, size);
      ring.write(payload.subarray(0, bytes), { at: slotAt + RING.slotHeaderBytes });
      publish("video", slotAt, { timestamp: frame.timestamp, arrival, first, second, frames: 1, bytes });
      if (written.video === 1) postMessage({ report: "pictured" });
    } finally {
      frame.close();
    }
  }
}

async function pumpAudio(readable) {
  const reader = readable.getReader();
  const payload = new Float32Array((RING.audio.slotBytes - RING.slotHeaderBytes) / 4);
  for (;;) {
    const { done, value: data } = await reader.read();
    if (done) return;
    const arrival = nowMicroseconds();
    try {
      const { numberOfFrames: frames, numberOfChannels, sampleRate } = data;
      const channels = Math.min(numberOfChannels, 2);
      if (frames * channels > payload.length) throw new Error(`${frames} samples have no room`);
      const slotAt = claim("audio");
      if (slotAt === null) continue;
      for (let channel = 0; channel < channels; channel += 1) {
        const plane = payload.subarray(channel * frames, (channel + 1) * frames);
        data.copyTo(plane, { planeIndex: channel, format: "f32-planar" });
      }
      const bytes = frames * channels * 4;
      ring.write(payload.subarray(0, frames * channels), { at: slotAt + RING.slotHeaderBytes });
      publish("audio", slotAt, {
        timestamp: data.timestamp, arrival, first: sampleRate, second: channels, frames, bytes,
      });
    } finally {
      data.close();
    }
  }
}

self.onmessage = async ({ data }) => {
  try {
    ring = await openRing(data.captureId);
    postMessage({ report: "ready" });
    await Promise.all([pumpAudio(data.audio), data.video ? pumpVideo(data.video) : null]);
  } catch (error) {
    postMessage({ report: "failed", reason: String(error) });
  }
};
