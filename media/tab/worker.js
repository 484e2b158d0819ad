// Writes raw pictures and samples into the ring. See layout.py for the layout.
"use strict";
importScripts("layout.js");

// Every write into the file is also a message to the browser process: sound is stored in blocks of
// so many packets, of 10 ms each, and a slot and its header at once.
const PACKETS_JOINED = 4;
const LOST_US = 2000; // a step between two packets by which something is missing

const written = { video: 0, audio: 0 };
const dropped = { video: 0, audio: 0 };
const freed = { video: 0, audio: 0 };
const readAt = { video: RING.videoReadAt, audio: RING.audioReadAt };
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

function readPosition(kind) {
  ring.read(position, { at: readAt[kind] });
  return Number(position.getBigUint64(0, true));
}

// Whether a slot is free. How far the reader is is asked only when what was seen last leaves no room.
function hasRoom(kind) {
  const { slots } = RING[kind];
  const isFree = (count) => count >= 0 && count < slots;
  if (isFree(written[kind] - freed[kind])) return true;
  // looked at twice: one look may meet the number while it is being written
  const found = readPosition(kind);
  if (found === readPosition(kind)) freed[kind] = found;
  return isFree(written[kind] - freed[kind]);
}

// Where the next item goes, or null (counted) while the reader has not freed a slot.
function claim(kind) {
  if (!hasRoom(kind)) {
    dropped[kind] += 1;
    publishCounters();
    return null;
  }
  const { slots, slotBytes, firstAt } = RING[kind];
  return firstAt + (written[kind] % slots) * slotBytes;
}

// A slot's header, and room for what it holds behind it.
function newSlot(kind) {
  const memory = new ArrayBuffer(RING[kind].slotBytes);
  return { memory, header: new DataView(memory, 0, RING.slotHeaderBytes) };
}

function store(kind, slot, slotAt, { timestamp, arrival, first, second, frames, bytes }) {
  written[kind] += 1;
  slot.header.setBigUint64(0, BigInt(written[kind]), true);
  slot.header.setBigInt64(8, BigInt(Math.round(timestamp)), true);
  slot.header.setBigInt64(16, BigInt(arrival), true);
  slot.header.setUint32(24, first, true);
  slot.header.setUint32(28, second, true);
  slot.header.setUint32(32, frames, true);
  slot.header.setUint32(36, bytes, true);
  ring.write(new Uint8Array(slot.memory, 0, RING.slotHeaderBytes + bytes), { at: slotAt });
  publishCounters();
}

async function pumpVideo(readable) {
  const reader = readable.getReader();
  const slot = newSlot("video");
  const payload = new Uint8Array(slot.memory, RING.slotHeaderBytes);
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
      store("video", slot, slotAt, { timestamp: frame.timestamp, arrival, first, second, frames: 1, bytes });
      if (written.video === 1) postMessage({ report: "pictured" });
    } finally {
      frame.close();
    }
  }
}

// Packets of sound that follow each other, as one item.
class Block {
  #slot = newSlot("audio");
  #payload = new Float32Array(this.#slot.memory, RING.slotHeaderBytes);
  #planes = [0, 1].map(() => new Float32Array(this.#payload.length));
  #first = null;
  #frames = 0;
  #packets = 0;

  // Takes a packet that came at `arrival`; what waits goes first where the two are not one sound.
  add(data, arrival) {
    const { numberOfFrames, numberOfChannels, sampleRate, timestamp } = data;
    const channels = Math.min(numberOfChannels, 2);
    if (numberOfFrames * channels > this.#payload.length) throw new Error(`${numberOfFrames} samples have no room`);
    if (!this.#isContinuedBy({ channels, sampleRate, timestamp, numberOfFrames })) this.#end();
    this.#first ??= { timestamp, arrival, sampleRate, channels };
    for (let channel = 0; channel < channels; channel += 1) {
      const plane = this.#planes[channel].subarray(this.#frames, this.#frames + numberOfFrames);
      data.copyTo(plane, { planeIndex: channel, format: "f32-planar" });
    }
    this.#frames += numberOfFrames;
    this.#packets += 1;
    if (this.#packets === PACKETS_JOINED) this.#end();
  }

  #isContinuedBy({ channels, sampleRate, timestamp, numberOfFrames }) {
    if (this.#first === null) return true;
    const due = this.#first.timestamp + (this.#frames * 1e6) / sampleRate;
    return (
      channels === this.#first.channels &&
      sampleRate === this.#first.sampleRate &&
      Math.abs(timestamp - due) < LOST_US &&
      (this.#frames + numberOfFrames) * channels <= this.#payload.length
    );
  }

  #end() {
    const [first, frames] = [this.#first, this.#frames];
    [this.#first, this.#frames, this.#packets] = [null, 0, 0];
    const slotAt = first && claim("audio");
    if (slotAt === null) return;
    const { timestamp, arrival, sampleRate, channels } = first;
    for (let channel = 0; channel < channels; channel += 1) {
      this.#payload.set(this.#planes[channel].subarray(0, frames), channel * frames);
    }
    const bytes = frames * channels * 4;
    store("audio", this.#slot, slotAt, { timestamp, arrival, first: sampleRate, second: channels, frames, bytes });
  }
}

async function pumpAudio(readable) {
  const reader = readable.getReader();
  const block = new Block();
  for (;;) {
    const { done, value: data } = await reader.read();
    if (done) return;
    try {
      block.add(data, nowMicroseconds());
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
