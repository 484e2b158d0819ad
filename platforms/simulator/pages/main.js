// The client: talks to the server and puts up the screen that fits.

import { CallView } from "./call.js";
import { config, variant } from "./dom.js";
import { closeDevices, devices } from "./devices.js";
import { Mesh, ServerMedia } from "./rtc.js";
import {
  afterLobby, consentDialog, greenRoom, keepWaitingDialog, lingeringText, lobby, over, refused,
} from "./screens.js";

const socket = new WebSocket(`${location.protocol.replace("http", "ws")}//${location.host}/_/ws`);
const opened = new Promise((resolve) => socket.addEventListener("open", resolve));
let call = null;
let media = null;
let wasIn = false;
let finished = false;
let latest = null;

async function send(message) {
  await opened;
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

const mesh = new Mesh((to, data) => send({ type: "signal", to, data }));
devices.onchange = () => send({ type: "devices", mic: devices.mic, camera: devices.camera });

async function ask(name) {
  if (media) return;
  media = new ServerMedia();
  await send({ type: "ask", name, mic: devices.mic, camera: devices.camera, host: config.host });
  await send({ type: "offer", sdp: await media.offer() });
}

function leave() {
  send({ type: "leave" });
}

function admitted(message) {
  wasIn = true;
  afterLobby(leave);
  setTimeout(() => {
    if (finished) return;
    const actions = {
      leave,
      chat: (text) => send({ type: "chat", text }),
      host: (command, id) => send({ type: "host", do: command, id }),
    };
    call = new CallView(message, media, mesh, actions);
    if (latest) call.people(latest);
    for (const person of message.people) if (person.page && person.id !== message.id) mesh.call(person.id);
    if (message.consent) askConsent();
    if (variant("lobby_text_lingers")) lingeringText();
  }, config.admissionGapS * 1000);
}

function askConsent() {
  consentDialog(() => send({ type: "consent" }), leave);
}

function finish(kind) {
  finished = true;
  call?.close();
  media?.close();
  mesh.keepOnly(new Set());
  closeDevices();
  if (wasIn || kind === "ended" || kind === "left") over(kind);
  else refused(kind);
}

// A synchronous request holds the page's thread at no cost to the machine.
function freeze(forS) {
  const request = new XMLHttpRequest();
  request.open("GET", `/_/hold?for_s=${forS}`, false);
  request.send();
}

const handlers = {
  lobby: () => lobby(leave),
  admitted,
  people: (message) => { latest = message; call?.people(message); },
  chat: (message) => call?.chat(message),
  final: (message) => finish(message.kind),
  answer: (message) => media.answer(message.sdp),
  signal: (message) => mesh.receive(message.from, message.data),
  consent_dialog: askConsent,
  keep_waiting_dialog: keepWaitingDialog,
  reconnect: (message) => call?.reconnecting(message.for_s),
  freeze: (message) => freeze(message.for_s),
};

socket.addEventListener("message", async ({ data }) => {
  const message = JSON.parse(data);
  if (!finished) await handlers[message.type]?.(message);
});
socket.addEventListener("close", () => {
  if (!finished && (call || media)) finish("gone");
});

if (config.page === "blocked" || config.page === "invalid") refused(config.page);
else greenRoom(ask);
