// A client's talk with the server, whatever the client looks like: `view` puts up the screens.

import { closeDevices, devices } from "./devices.js";
import { config } from "./dom.js";
import { Mesh, ServerMedia } from "./rtc.js";
import { unsteady } from "./unsteady.js";

// `view`: greenRoom(onask), lobby(onleave), connecting(onleave), consent(onagree, onleave),
// keepWaiting(), admitted(), refused(kind), over(kind), and the class Call.
export function run(view) {
  const socket = new WebSocket(`${location.protocol.replace("http", "ws")}//${location.host}/_/ws`);
  const opened = new Promise((resolve) => socket.addEventListener("open", resolve));
  let call = null;
  let media = null;
  let wasIn = false;
  let finished = false;
  let latest = null;

  const send = async (message) => {
    await opened;
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
  const mesh = new Mesh((to, data) => send({ type: "signal", to, data }));
  devices.onchange = () => send({ type: "devices", mic: devices.mic, camera: devices.camera });

  const ask = async (name) => {
    if (media) return;
    media = new ServerMedia();
    await send({ type: "ask", name, mic: devices.mic, camera: devices.camera, host: config.host });
    await send({ type: "offer", sdp: await media.offer() });
  };
  const leave = () => send({ type: "leave" });
  const askConsent = () => view.consent(() => send({ type: "consent" }), leave);

  const enter = (message) => {
    if (finished) return;
    const actions = {
      leave,
      chat: (text) => send({ type: "chat", text }),
      host: (command, id) => send({ type: "host", do: command, id }),
    };
    call = new view.Call(message, media, mesh, actions);
    if (latest) call.people(latest);
    for (const person of message.people) if (person.page && person.id !== message.id) mesh.call(person.id);
    if (message.consent) askConsent();
    view.admitted();
  };

  const finish = (kind) => {
    finished = true;
    call?.close();
    media?.close();
    mesh.keepOnly(new Set());
    closeDevices();
    if (wasIn || kind === "ended" || kind === "left") view.over(kind);
    else view.refused(kind);
  };

  const handlers = {
    lobby: () => view.lobby(leave),
    admitted: (message) => {
      wasIn = true;
      view.connecting(leave);
      setTimeout(() => enter(message), config.admissionGapS * 1000);
    },
    people: (message) => { latest = message; call?.people(message); },
    chat: (message) => call?.chat(message),
    final: (message) => finish(message.kind),
    answer: (message) => media.answer(message.sdp),
    signal: (message) => mesh.receive(message.from, message.data),
    consent_dialog: askConsent,
    keep_waiting_dialog: view.keepWaiting,
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

  unsteady();
  if (config.page === "normal") view.greenRoom(ask);
  else view.refused(config.page);
}

// A synchronous request holds the page's thread at no cost to the machine.
function freeze(forS) {
  const request = new XMLHttpRequest();
  request.open("GET", `/_/hold?for_s=${forS}`, false);
  request.send();
}
