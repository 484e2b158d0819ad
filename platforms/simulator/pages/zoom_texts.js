// What the Zoom client says, by language. Same keys in each.

const en = {
  yourName: "Your Name", join: "Join", joining: "Joining Meeting...", leave: "Leave", leaveMeeting: "Leave Meeting", end: "End",
  viewing: (name) => `You are viewing ${name}'s screen`, participants: "Participants", chat: "Chat", view: "View", speaker: "Speaker", gallery: "Gallery", me: "me", host: "Host",
  admit: "Admit", remove: "Remove", ok: "OK", gotIt: "Got it",
  hostAbsent: "Waiting for the host to start the meeting.", lobby: "Please wait, the meeting host will let you in soon.",
  ended: "This meeting has been ended by host", removed: "You have been removed",
  wall: "Sign in to join", wallMore: "We detected you may be a bot. Automated bots aren't allowed to join this meeting or webinar and must use Zoom RTMS.",
  full: "Meeting is full", locked: "Meeting is locked", wrongPasscode: "Passcode wrong", reconnecting: "Reconnecting...",
  devices: "Do you want people to see and hear you in the meeting?", allow: "Allow", without: "Continue without microphone and camera",
  cookies: "We use cookies to improve this site", rejectAll: "Reject All", acceptAll: "Accept Cookies",
  consent: "This meeting is being recorded", consentMore: "By staying in this meeting, you consent to being recorded.",
};

const de = {
  ...en,
  yourName: "Ihr Name", join: "Beitreten", joining: "Meeting wird betreten...", leave: "Verlassen", leaveMeeting: "Meeting verlassen",
  end: "Beenden", viewing: (name) => `Sie sehen den Bildschirm von ${name}`, participants: "Teilnehmer", view: "Ansicht", me: "ich", gotIt: "Verstanden",
  hostAbsent: "Bitte warten Sie, bis der Host das Meeting beginnt.", lobby: "Bitte warten, der Meeting-Host lässt Sie in Kürze eintreten.",
  ended: "Das Meeting wurde vom Host beendet", removed: "Sie wurden entfernt.",
  full: "Das Meeting ist voll", locked: "Das Meeting ist gesperrt", wrongPasscode: "Falscher Kenncode",
  devices: "Sollen andere Sie sehen und hören?", allow: "Zulassen", without: "Ohne Mikrofon und Kamera fortfahren",
  consent: "Dieses Meeting wird aufgezeichnet", consentMore: "Wenn Sie bleiben, stimmen Sie der Aufzeichnung zu.",
};

const fr = {
  ...en,
  yourName: "Votre nom", join: "Rejoindre", joining: "Connexion à la réunion...", leave: "Quitter", leaveMeeting: "Quitter la réunion",
  me: "moi", host: "Hôte", gotIt: "J’ai compris",
  hostAbsent: "En attente de lancement de la réunion par l’hôte.", lobby: "Veuillez patienter, l’hôte de la réunion vous laissera bientôt entrer.",
  ended: "L’hôte a mis fin à cette réunion", removed: "Vous avez été exclu",
  full: "La réunion est complète", locked: "La réunion est verrouillée", wrongPasscode: "Code secret incorrect",
  allow: "Autoriser", without: "Continuer sans microphone ni caméra", consent: "Cette réunion est enregistrée",
};

const es = {
  ...en,
  yourName: "Su nombre", join: "Entrar", leave: "Salir", leaveMeeting: "Salir de la reunión", me: "yo", host: "Anfitrión", gotIt: "Entendido",
  hostAbsent: "Esperando a que el anfitrión inicie la reunión.", lobby: "Por favor, espere, el anfitrión le permitirá ingresar pronto.",
  ended: "El anfitrión ha finalizado esta reunión", removed: "Ha sido retirado",
  full: "La reunión está llena", locked: "La reunión está bloqueada", wrongPasscode: "Código de acceso incorrecto",
  allow: "Permitir", without: "Continuar sin micrófono ni cámara", consent: "Se está grabando esta reunión",
};

const pt = {
  ...en,
  yourName: "Seu nome", join: "Ingressar", leave: "Sair", leaveMeeting: "Sair da reunião", me: "eu", host: "Anfitrião", gotIt: "Entendi",
  hostAbsent: "Aguardando o início da reunião pelo anfitrião.", lobby: "Aguarde; o anfitrião da reunião deixará você entrar em breve.",
  ended: "Esta reunião foi encerrada pelo anfitrião", removed: "Você foi removido",
  full: "A reunião está cheia", locked: "A reunião está bloqueada", wrongPasscode: "Senha de acesso incorreta",
  allow: "Permitir", without: "Continuar sem microfone e câmera", consent: "Esta reunião está sendo gravada",
};

const ja = {
  ...en,
  yourName: "名前", join: "参加", joining: "ミーティングに参加しています...", leave: "退出", leaveMeeting: "ミーティングを退出", end: "終了",
  viewing: (name) => `${name}の画面を表示しています`, participants: "参加者", chat: "チャット", view: "表示", me: "自分", host: "ホスト", gotIt: "了解",
  hostAbsent: "ホストがミーティングを開始するのを待機しています。",
  lobby: "ミーティングのホストが間もなくミーティングへの参加を許可します。もうしばらくお待ちください。",
  ended: "このミーティングはホストによって終了されました", removed: "削除されました",
  full: "ミーティングは満員です", locked: "ミーティングはロックされています", wrongPasscode: "パスコードが正しくありません",
  allow: "許可", without: "マイクとカメラなしで続行", consent: "このミーティングは録画されています",
};

const LANGUAGES = { en, de, es, fr, ja, pt };

export const texts = LANGUAGES[document.documentElement.lang] ?? en;
