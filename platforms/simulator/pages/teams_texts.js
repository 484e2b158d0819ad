// What the Teams client says, by language. Same keys in each.

const en = {
  howToJoin: "How do you want to join your Teams meeting?", onBrowser: "Continue on this browser",
  fromBrowser: "Join meeting from this browser", inApp: "Join on the Teams app",
  yourName: "Type your name", join: "Join now", cancel: "Cancel", rejoin: "Rejoin", leave: "Leave",
  camera: "Camera", mic: "Microphone", mute: "Mute mic", unmute: "Unmute mic",
  cameraOff: "Turn camera off", cameraOn: "Turn camera on",
  noDevices: "Are you sure you don't want audio or video?", without: "Continue without audio or video",
  badName: "That name can't be used", lobby: "Someone in the meeting should let you in soon",
  cookies: "Privacy and cookies", captcha: "Verify you're a real person", captchaMore: "Type the letters you see", accept: "Accept",
  consentTitle: "This meeting is being recorded", consentMore: "By staying, you agree to being recorded.",
  organizer: "Organizer", controls: "Meeting controls", people: "People", chat: "Chat", raise: "Raise", view: "View", more: "More",
  share: "Share", speaker: "Speaker", gallery: "Gallery", endAll: "End meeting", typeMessage: "Type a message",
  send: "Send", admit: "Admit", deny: "Deny", remove: "Remove", alone: "Waiting for others to join...",
  reconnecting: "Your connection was lost. We're trying to reconnect...", byMistake: "Did you leave by mistake?",
  final: {
    denied: "Sorry, but you were denied access to the meeting.",
    no_answer: "No one let you in",
    blocked: "Sorry, we couldn't connect you.",
    invalid: "We couldn't find a meeting matching this ID and passcode.",
    expired: "This meeting link has expired",
    full: "This meeting is full",
    locked: "This meeting is locked",
    removed: "You've been removed from this meeting",
    ended: "The meeting has ended",
    left: "You left the meeting",
    gone: "Sorry, we couldn't connect you.",
  },
};

const de = {
  ...en,
  onBrowser: "In diesem Browser fortfahren", yourName: "Namen eingeben", join: "Jetzt teilnehmen", leave: "Verlassen",
  mute: "Mikrofon stummschalten", unmute: "Stummschaltung aufheben", cameraOff: "Kamera ausschalten",
  cameraOn: "Kamera einschalten", without: "Ohne Audio oder Video fortfahren",
  lobby: "Jemand in der Besprechung sollte Sie bald hereinlassen", typeMessage: "Nachricht eingeben",
  alone: "Warten auf weitere Teilnehmer",
  consentTitle: "Diese Besprechung wird aufgezeichnet", accept: "Annehmen",
  reconnecting: "Die Verbindung wird wiederhergestellt...",
  final: {
    ...en.final,
    denied: "Ihnen wurde der Zugriff auf die Besprechung verweigert.",
    removed: "Sie wurden entfernt", ended: "Besprechung wurde beendet",
  },
};

const fr = {
  ...en,
  onBrowser: "Continuer dans ce navigateur", yourName: "Tapez votre nom", join: "Rejoindre maintenant", leave: "Quitter",
  mute: "Désactiver le micro", cameraOff: "Désactiver la caméra", without: "Continuer sans audio ni vidéo",
  lobby: "Quelqu'un dans la réunion devrait bientôt vous laisser entrer", typeMessage: "Tapez un message",
  alone: "En attente d'autres participants", cookies: "Confidentialité et cookies", accept: "Accepter",
  final: { ...en.final, removed: "Vous avez été retiré de cette réunion", ended: "La réunion est terminée" },
};

const es = {
  ...en,
  onBrowser: "Continuar en este explorador", yourName: "Escriba su nombre", join: "Unirse ahora", leave: "Salir",
  mute: "Silenciar micrófono", cameraOff: "Desactivar cámara", without: "Continuar sin audio ni vídeo",
  lobby: "Alguien de la reunión te dejará entrar pronto", typeMessage: "Escriba un mensaje",
  alone: "Esperando a que se unan otros",
  final: { ...en.final, removed: "Te han quitado de esta reunión", ended: "La reunión ha finalizado" },
};

const pt = {
  ...en,
  onBrowser: "Continuar neste navegador", yourName: "Digite seu nome", join: "Ingressar agora", leave: "Sair",
  mute: "Silenciar microfone", cameraOff: "Desligar câmera", without: "Continuar sem áudio ou vídeo",
  lobby: "Alguém na reunião deve deixar você entrar em breve", typeMessage: "Digite uma mensagem",
  alone: "Aguardando outras pessoas ingressarem",
  final: { ...en.final, removed: "Você foi removido desta reunião", ended: "A reunião foi encerrada" },
};

const ja = {
  ...en,
  onBrowser: "このブラウザーで続ける", yourName: "名前を入力", join: "今すぐ参加", leave: "退出",
  mute: "マイクをミュートにする", cameraOff: "カメラをオフにする", without: "オーディオやビデオなしで続行",
  lobby: "会議の出席者がまもなくあなたを参加させます", typeMessage: "メッセージを入力",
  alone: "他の参加者を待っています",
  final: { ...en.final, removed: "この会議から削除されました", ended: "会議は終了しました" },
};

const LANGUAGES = { en, de, fr, es, pt, ja };

export const texts = LANGUAGES[document.documentElement.lang] ?? en;
