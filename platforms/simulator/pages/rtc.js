// Media: one connection to the server for its participants, one to every other page.

import { config, variant } from "./dom.js";
import { devices } from "./devices.js";

let context = null;

// Played by elements that are in no document, as the real client does.
function playAudio(track) {
  const stream = new MediaStream([track]);
  if (!variant("no_audio_elements")) {
    const audio = new Audio();
    audio.srcObject = stream;
    audio.play().catch((error) => console.info(`audio: ${error.name}`));
    return audio;
  }
  context ??= new AudioContext();
  const pump = document.createElement("video"); // a remote track flows only into an element
  pump.muted = true;
  pump.srcObject = stream;
  context.createMediaStreamSource(stream).connect(context.destination);
  return pump;
}

async function gathered(connection) {
  if (connection.iceGatheringState === "complete") return;
  await new Promise((resolve) => {
    connection.addEventListener("icegatheringstatechange", () => {
      if (connection.iceGatheringState === "complete") resolve();
    });
    setTimeout(resolve, 2000);
  });
}

// One codec, so that the server knows what to send: H.264, or VP8 where a build lacks it.
function videoCodecs() {
  const { codecs } = RTCRtpReceiver.getCapabilities("video");
  const h264 = codecs.filter((codec) => codec.mimeType === "video/H264");
  const chosen = h264.length > 0 ? h264 : codecs.filter((codec) => codec.mimeType === "video/VP8");
  return [...chosen, ...codecs.filter((codec) => codec.mimeType === "video/rtx")];
}

export class ServerMedia {
  #connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  #players = [];
  #video = [];

  async offer() {
    const connection = this.#connection;
    for (let i = 0; i < config.audioChannels; i += 1) {
      const { receiver } = connection.addTransceiver("audio", { direction: "recvonly" });
      this.#players.push(playAudio(receiver.track));
    }
    for (let i = 0; i < config.videoSlots; i += 1) {
      const transceiver = connection.addTransceiver("video", { direction: "recvonly" });
      transceiver.setCodecPreferences(videoCodecs());
      this.#video.push(transceiver.receiver.track);
    }
    await connection.setLocalDescription(await connection.createOffer());
    await gathered(connection);
    return connection.localDescription.sdp;
  }

  async answer(sdp) {
    await this.#connection.setRemoteDescription({ type: "answer", sdp });
  }

  videoTrack(slot) {
    return this.#video[slot] ?? null;
  }

  setMuted(muted) {
    for (const player of this.#players) if (player instanceof HTMLAudioElement) player.muted = muted;
  }

  close() {
    this.#connection.close();
  }
}

const SPEECH_LEVEL = 0.01;

export class Mesh {
  #peers = new Map();
  #send;

  constructor(send) {
    this.#send = send;
  }

  // The newcomer offers; those who are there answer.
  async call(id) {
    const peer = this.#peer(id);
    for (const kind of ["audio", "video"]) {
      const transceiver = peer.connection.addTransceiver(kind, { direction: "sendrecv" });
      await transceiver.sender.replaceTrack(ownTrack(kind));
    }
    await peer.connection.setLocalDescription(await peer.connection.createOffer());
    this.#send(id, { description: peer.connection.localDescription.toJSON() });
  }

  async receive(id, data) {
    const peer = this.#peer(id);
    const { connection } = peer;
    if (data.description) {
      await connection.setRemoteDescription(data.description);
      if (data.description.type === "offer") {
        for (const transceiver of connection.getTransceivers()) {
          transceiver.direction = "sendrecv";
          await transceiver.sender.replaceTrack(ownTrack(transceiver.receiver.track.kind));
        }
        await connection.setLocalDescription(await connection.createAnswer());
        this.#send(id, { description: connection.localDescription.toJSON() });
      }
      for (const candidate of peer.early.splice(0)) await connection.addIceCandidate(candidate);
    } else if (data.candidate && connection.remoteDescription) {
      await connection.addIceCandidate(data.candidate);
    } else if (data.candidate) {
      peer.early.push(data.candidate);
    }
  }

  videoTrack(id) {
    return this.#peers.get(id)?.video ?? null;
  }

  speaking() {
    const loud = [];
    for (const [id, { connection }] of this.#peers) {
      for (const receiver of connection.getReceivers()) {
        const source = receiver.track.kind === "audio" ? receiver.getSynchronizationSources()[0] : null;
        if (source && source.audioLevel > SPEECH_LEVEL) loud.push(id);
      }
    }
    return loud;
  }

  keepOnly(ids) {
    for (const [id, { connection }] of this.#peers) {
      if (!ids.has(id)) {
        connection.close();
        this.#peers.delete(id);
      }
    }
  }

  #peer(id) {
    const known = this.#peers.get(id);
    if (known) return known;
    const connection = new RTCPeerConnection();
    const peer = { connection, video: null, audio: null, early: [] };
    connection.onicecandidate = ({ candidate }) => {
      if (candidate) this.#send(id, { candidate: candidate.toJSON() });
    };
    connection.ontrack = ({ track }) => {
      if (track.kind === "audio") peer.audio = playAudio(track);
      else peer.video = track;
    };
    this.#peers.set(id, peer);
    return peer;
  }
}

function ownTrack(kind) {
  const tracks = kind === "audio" ? devices.stream.getAudioTracks() : devices.stream.getVideoTracks();
  return tracks[0] ?? null;
}
