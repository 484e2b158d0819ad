// The Meet client: its screens, put up by its talk with the server.

import { CallView } from "./call.js";
import { variant } from "./dom.js";
import {
  afterLobby, consentDialog, greenRoom, keepWaitingDialog, lingeringText, lobby, over, refused,
} from "./screens.js";
import { run } from "./session.js";

run({
  greenRoom,
  lobby,
  connecting: afterLobby,
  consent: consentDialog,
  keepWaiting: keepWaitingDialog,
  admitted: () => { if (variant("lobby_text_lingers")) lingeringText(); },
  refused,
  over,
  Call: CallView,
});
