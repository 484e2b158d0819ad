// The Teams client: its screens, put up by its talk with the server.

import { config, variant } from "./dom.js";
import { run } from "./session.js";
import { TeamsCall } from "./teams_call.js";
import { connecting, consentDialog, greenRoom, launcher, lobby, over, refused } from "./teams_screens.js";

// The address says which meeting: in its path, in its fragment, or in the light page's coords.
function wanted() {
  const coords = new URLSearchParams(location.search).get("coords");
  if (coords) {
    const { meetingCode, passcode, conversationId } = JSON.parse(atob(coords));
    return { id: meetingCode ?? conversationId, passcode };
  }
  const hash = config.route ? new URL(config.route, location.href).hash : location.hash;
  const route = hash.startsWith("#/") ? hash.slice(1) : location.pathname + location.search;
  const [path, query] = route.split("?");
  const [, kind, id, thread] = decodeURIComponent(path).replace("/l/meetup-join", "/l").split("/");
  const parameters = new URLSearchParams(query);
  return kind === "meet" ? { id, passcode: parameters.get("p") }
    : { id: id?.startsWith("19:") ? id : thread, passcode: null, context: parameters.get("context") };
}

function isKnown({ id, passcode, context }) {
  if (location.hostname === "localhost") return true;
  if (id === config.thread) return Boolean(context) || location.search.includes("coords");
  return id === config.number && (config.asksPasscode || passcode === config.passcode);
}

if (config.page === "normal" && !isKnown(wanted())) config.page = "invalid";

function start() {
  run({
    greenRoom,
    lobby,
    connecting,
    consent: consentDialog,
    keepWaiting: () => {},
    admitted: () => {},
    refused,
    over,
    Call: TeamsCall,
  });
}

if (variant("launcher")) launcher(start);
else start();
