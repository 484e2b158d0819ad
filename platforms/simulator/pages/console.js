// The host console: reads the state once a second, posts commands.

const byId = (id) => document.getElementById(id);

async function post(command, fields = {}) {
  const response = await fetch(`/api/${command}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(fields),
  });
  const answer = await response.json();
  byId("error").textContent = response.ok ? "" : answer.error;
  if (response.ok) render(answer);
}

function button(text, command, fields) {
  const element = document.createElement("button");
  element.textContent = text;
  element.addEventListener("click", () => post(command, fields));
  return element;
}

function line(text, note = "", ...buttons) {
  const element = document.createElement("li");
  const [name, small] = [document.createElement("span"), document.createElement("span")];
  name.textContent = text;
  small.textContent = note;
  small.className = "note";
  element.append(name, small, ...buttons);
  return element;
}

function person(p) {
  const note = [p.kind, p.speaking ? "speaking" : "", p.voice_hz ? `${p.voice_hz.toFixed(0)} Hz` : ""];
  const buttons = p.kind === "participant"
    ? [button("Speak 4 s", "speak", { who: p.name, for_s: 4 }), button("Leave", "leave", { who: p.name })]
    : [button("Remove", "remove", { who: p.id })];
  const element = line(p.name, note.filter(Boolean).join(", "), ...buttons);
  element.classList.toggle("speaking", p.speaking);
  return element;
}

let shown = "";
function render(state) {
  const { clock_s: _clock, since_ask_s: _ask, since_admission_s: since, ...rest } = state;
  const minutes = since === null ? "" : `, ${Math.floor(since)} s since the first guest came in`;
  byId("phase").textContent = `${state.phase.replace("_", " ")}${minutes}`;
  if (JSON.stringify(rest) === shown) return;
  shown = JSON.stringify(rest);
  const inPhase = (status) => state.people.filter((p) => p.status === status);
  byId("waiting").replaceChildren(...inPhase("waiting").map((p) => line(p.name, "",
    button("Admit", "admit", { who: p.id }), button("Deny", "deny", { who: p.id }))));
  byId("people").replaceChildren(...inPhase("in_call").map(person));
  byId("chat").replaceChildren(...state.chat.map((m) => line(m.text, m.who)));
  byId("fired").replaceChildren(...state.fired.map((f) =>
    line(`${f.do} ${f.who ?? ""}`, `${f.at_s.toFixed(1)} s, ${f.by}`)));
}

async function look() {
  try {
    render(await (await fetch("/api/state")).json());
  } catch {
    byId("phase").textContent = "the simulator is gone";
  }
}

byId("admit-all").addEventListener("click", () => post("admit"));
byId("end").addEventListener("click", () => post("end"));
byId("reset").addEventListener("click", () => post("reset"));
byId("join").addEventListener("submit", (event) => {
  event.preventDefault();
  post("join", { who: new FormData(event.target).get("who") });
  event.target.reset();
});
setInterval(look, 1000);
look();
