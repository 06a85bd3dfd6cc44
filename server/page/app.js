// The conversation: asks, shows what arrives, and says plainly when something is in the way.

import { answerParts } from "./answer.js";
import { $, h } from "./dom.js";
import { begin as beginDrafts, closeDrafts, draftsOf } from "./drafts.js";
import { closeEvidence } from "./evidence.js";
import { back, call, events, Problem, signOut } from "./service.js";
import { age, day, plain } from "./wording.js";

const KEPT = "plantwright.conversation";
const state = { conversation: null, running: null, last: null };

const say = (text) => { $("status").textContent = text; };

function banner(text) {
  $("banner").textContent = text || "";
  $("banner").hidden = !text;
}

function turn(question, note) {
  $("welcome").hidden = true;
  const body = h("div", { class: "body" });
  const item = h("li", { class: "turn" },
    h("h2", { class: "asked" }, plain(question), note ? h("span", { class: "muted note" }, plain(note)) : null), body);
  $("turns").append(item);
  item.scrollIntoView({ block: "start" });
  return body;
}

function shown(body, answer) {
  state.last = answer;
  if (answer.conversation) keep(answer.conversation);
  body.replaceChildren(...answerParts(answer, { ask, choose, replay, say, changed: () => draftsOf() }));
  body.parentNode.scrollIntoView({ block: "start" });
  say(`${answer.answer || answer.status}. ${answer.alternatives.length ? `${answer.alternatives.length} other readings.` : ""}`);
  if (answer.status === "clarify") body.querySelector(".choice")?.focus({ preventScroll: true });
}

function failed(body, error, again) {
  const retry = h("button", { type: "button", class: "quiet", onclick: () => { body.parentNode.remove(); again(); } }, "Ask again");
  body.replaceChildren(h("div", { class: "problem", role: "alert" },
    h("strong", {}, plain(error.title || "Fault of the page")), h("p", {}, plain(error.message)), retry));
}

function keep(conversation) {
  state.conversation = conversation;
  sessionStorage.setItem(KEPT, conversation);
}

function busy(controller) {
  state.running = controller;
  $("send").textContent = controller ? "Stop" : "Ask";
  $("send").classList.toggle("stop", Boolean(controller));
}

/** Runs one turn's work and shows what came of it, or why nothing did. */
async function during(body, again, work) {
  const controller = new AbortController();
  busy(controller);
  const ids = {};
  try {
    shown(body, await work(controller.signal, ids));
  } catch (error) {
    if (controller.signal.aborted) {
      body.replaceChildren(h("p", { class: "muted" }, "Stopped."));
    } else {
      failed(body, error, again);
      if (error instanceof Problem && error.lost) reconnect(body, ids);
    }
  } finally {
    busy(null);
  }
}

/** Waits for the service; an answer that was finished meanwhile is fetched, for it was kept. */
async function reconnect(body, ids) {
  banner("No connection to the service. Trying again…");
  await back((reason) => banner(`${reason} Trying again…`));
  banner("");
  say("Connected again.");
  const problem = body.querySelector(".problem p");
  if (problem) problem.textContent = "The connection is back; the question can be asked again.";
  if (!ids.answer) return;
  const answer = await call(`/v1/answers/${ids.answer}`).catch(() => null);
  if (answer) shown(body, answer);
}

async function conversation() {
  if (!state.conversation) keep((await call("/v1/conversations", { method: "POST" })).id);
  return state.conversation;
}

function ask(question) {
  if (state.running) return;
  closeEvidence();
  const body = turn(question);
  const progress = h("p", { class: "progress" }, "Reading the question");
  const text = h("p", { class: "text" });
  body.append(text, progress);
  say("Reading the question");
  during(body, () => ask(question), async (signal, ids) => {
    const path = `/v1/conversations/${await conversation()}/messages`;
    for await (const { name, data } of events(path, { question }, signal)) {
      if (name === "started") ids.answer = data.answer;
      else if (name === "progress") { progress.textContent = plain(data.text); say(plain(data.text)); }
      else if (name === "clause") text.append(text.textContent ? " " : "", plain(data.text));
      else if (name === "answer") return data;
      else if (name === "error") throw new Problem(data.title, data.detail);
    }
    throw new Problem("Connection lost", "The connection broke before the answer was complete.", { lost: true });
  });
}

function choose(answer, alternative) {
  if (state.running) return;
  closeEvidence();
  const body = turn(answer.question, `read as: ${alternative.reading}`);
  body.append(h("p", { class: "progress" }, "Running the other reading"));
  during(body, () => choose(answer, alternative), (signal) =>
    call(`/v1/conversations/${answer.conversation || state.conversation}/choices`,
      { method: "POST", body: { answer_id: answer.id, key: alternative.key }, signal }));
}

function replay(answer) {
  if (state.running) return;
  const body = turn(answer.question, "computed again");
  body.append(h("p", { class: "progress" }, "Computing again"));
  during(body, () => replay(answer), (signal) => call(`/v1/answers/${answer.id}/replay`, { signal }));
}

function fresh() {
  closeDrafts();
  state.running?.abort();
  state.conversation = state.last = null;
  sessionStorage.removeItem(KEPT);
  closeEvidence();
  $("turns").replaceChildren();
  $("welcome").hidden = false;
  $("question").focus();
}

function size() {
  const box = $("question");
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight + 2, 160)}px`;
}

function submit() {
  if (state.running) {
    state.running.abort();
    return;
  }
  const text = $("question").value.trim();
  if (!text) return;
  $("question").value = "";
  size();
  const offered = state.last?.alternatives.find((alternative) => alternative.key === text);
  if (offered) choose(state.last, offered);
  else ask(text);
}

function pressed(event) {
  if (event.key === "Escape") closeEvidence();
  if (!$("drafts").hidden) return;
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  const offered = state.last?.alternatives.find((alternative) => alternative.key === event.key);
  if (offered) choose(state.last, offered);
  else if (event.key === "/") {
    event.preventDefault();
    $("question").focus();
  }
}

async function pick(subject) {
  try {
    if (!subject) {
      location.assign(await signOut());
      return;
    }
    await call("/v1/me", { method: "PUT", body: { subject } });
    const open = !$("drafts").hidden;
    if (!open) fresh();
    await welcome();
  } catch (error) {
    banner(error.message);
  }
}

/** Which sites there are and how old the oldest of their data is, in a line. */
function freshness(sources) {
  if (!sources.length) return ["Nothing is loaded"];
  const sites = [...new Set(sources.map((source) => plain(source.site_name)))];
  const named = sites.length > 3 ? `${sites.length} sites` : sites.join(", ");
  const reach = sources.map((source) => source.data_as_of).filter(Boolean).sort()[0];
  const loaded = sources.map((source) => source.loaded_at).sort()[0];
  return [named, h("span", { class: "muted" }, `${reach ? ` data as of ${day(reach)},` : ""} loaded ${age(loaded)}`)];
}

async function welcome() {
  const me = await call("/v1/me");
  // People are picked in a demo; elsewhere whoever is here has signed in, and can leave.
  const others = me.people.length ? me.people : [me.person, { subject: "", name: "Sign out" }];
  $("person").replaceChildren(...others.map((person) =>
    h("option", { value: person.subject, selected: person.subject === me.person.subject }, plain(person.name))));
  $("sources").replaceChildren(...freshness(me.sources));
  $("loaded").replaceChildren(...me.sources.flatMap((source) => [h("tr", {},
    h("td", {}, plain(source.system)), h("td", {}, plain(source.site_name)),
    h("td", { class: "num" }, source.rows.toLocaleString("en")),
    h("td", {}, source.data_as_of ? day(source.data_as_of) : "not stated"), h("td", {}, age(source.loaded_at))),
  ...source.troubles.map((one) => h("tr", {}, h("td", { colspan: "5", class: "trouble" },
    `${plain(one.part)}${one.failing_since ? ` cannot be read since ${age(one.failing_since)}` : " differs"}: `
    + `${plain(one.problem)} ${plain(one.remedy)}`)))]));
  $("openers").replaceChildren(...me.openers.map((text) =>
    h("li", {}, h("button", { type: "button", class: "opener", onclick: () => ask(text) }, text))));
  await draftsOf();
  document.body.dataset.person = me.person.subject;
}

async function restored() {
  const kept = sessionStorage.getItem(KEPT);
  if (!kept) return;
  const history = await call(`/v1/conversations/${encodeURIComponent(kept)}`).catch(() => null);
  if (!history?.answers.length) return;
  keep(kept);
  for (const answer of history.answers) shown(turn(answer.question), answer);
}

async function begin() {
  try {
    await welcome();
    await restored();
    banner("");
  } catch (error) {
    if (error.signIn) {
      location.assign(`${error.signIn}?next=${encodeURIComponent(location.pathname)}`);
      return;
    }
    banner(error.message);
    if (error.lost) {
      await back((reason) => banner(`${reason} Trying again…`));
      await begin();
    }
  }
}

$("composer").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
$("question").addEventListener("input", size);
$("question").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); if (!state.running) submit(); }
});
$("fresh").addEventListener("click", fresh);
$("person").addEventListener("change", (event) => pick(event.target.value));
document.addEventListener("keydown", pressed);
// Where there is a panel, the service leads from / to it, and this page is at /plain/ alone.
$("unbuilt").hidden = location.pathname !== "/";
beginDrafts(say);
begin();
$("question").focus();
