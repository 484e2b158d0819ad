// The Zoom client: its screens, put up by its talk with the server.

import { run } from "./session.js";
import { CallView } from "./zoom_call.js";
import { connecting, consent, greenRoom, lobby, over, refused } from "./zoom_screens.js";

run({
  greenRoom, lobby, connecting, consent, refused, over,
  keepWaiting: () => {},
  admitted: () => {},
  Call: CallView,
});
