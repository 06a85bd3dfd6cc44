// A service of prepared answers that speaks the panel's whole interface, for tests and for looking at the panel:
//
//     node stand_in/server.mjs 8099      then http://127.0.0.1:8099/panel/
//
// Words in a question make things happen: "lost" breaks the connection in the middle, "slow" takes its time,
// "fault" ends in an error, "by month", "performance", "satisfied", "hostile" and "drawn ..." pick an answer.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { extname, join, normalize } from "node:path";

const HERE = new URL(".", import.meta.url).pathname;
const PREPARED = JSON.parse(readFileSync(join(HERE, "answers.json"), "utf8"));
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const PEOPLE = [
  { subject: "planner", name: "Planner, Kassel", roles: ["planner"], sites: ["KAS", "GRR"] },
  { subject: "buyer", name: "Buyer, Kassel", roles: ["buyer"], sites: ["KAS"] },
];
const OPENERS = [
  "Which materials will run short in the next two weeks?",
  "Top five scrap reasons by scrapped quantity",
  "How much stock do we hold, by site?",
  "Which purchase orders are late, and by how many days?",
  "Actual and planned cost by month, drawn as lines",
  "How was supplier performance?",
];
const SITES = ["Kassel", "Greenville", "Brescia", "Wroclaw", "Pune", "Suzhou", "Monterrey", "Sheffield"];

/** The service, listening on this port of the loopback; `close()` ends it and every connection. */
export async function standIn({ port = 0, isSignedIn = true, pace = 0, dist = join(HERE, "..", "dist") } = {}) {
  const state = { isSignedIn, person: PEOPLE[0], runs: new Map(), conversations: new Map(), asked: [], begun: 0, tokens: new Set(), sockets: new Set(), isDown: false };
  const server = createServer((request, response) => void answer(state, { pace, dist }, request, response).catch((error) => response.destroy(error)));
  server.on("connection", (socket) => {
    state.sockets.add(socket);
    socket.on("close", () => state.sockets.delete(socket));
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    state,
    url: `http://127.0.0.1:${server.address().port}`,
    cut() {
      for (const socket of state.sockets) socket.destroy();
    },
    close() {
      for (const socket of state.sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(state, settings, request, response) {
  const url = new URL(request.url, "http://stand-in");
  const { pathname } = url;
  const origin = request.headers.origin;
  if (origin && !pathname.startsWith("/v1/session/handover")) {
    response.setHeader("access-control-allow-origin", origin);
    response.setHeader("access-control-allow-headers", "authorization, content-type, idempotency-key, last-event-id");
    response.setHeader("access-control-allow-methods", "GET, POST, PUT");
  }
  if (request.method === "OPTIONS") return void response.writeHead(204).end();
  const send = (status, body, type = "application/json") => void response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(JSON.stringify(body));
  const problem = (status, title, detail, more = {}) => send(status, { title, status, detail, ...more }, "application/problem+json");
  const body = async () => {
    const parts = [];
    for await (const part of request) parts.push(part);
    return JSON.parse(Buffer.concat(parts).toString() || "{}");
  };
  if (state.isDown) return void response.destroy();
  if (pathname === "/readyz") return send(200, { status: "ready" });
  if (pathname.startsWith("/panel/")) return file(settings.dist, pathname.slice(7) || "index.html", response);
  if (pathname === "/v1/session/begin") {
    state.isSignedIn = true;
    return void response.writeHead(302, { location: url.searchParams.get("next") }).end();
  }
  if (pathname === "/v1/session/handover") return handover(state, url, response);
  if (pathname === "/v1/session/handover.js") return void response.writeHead(200, { "content-type": "text/javascript" }).end(HANDOVER);
  const holds = state.tokens.has((request.headers.authorization ?? "").replace("Bearer ", ""));
  const isIn = holds || (state.isSignedIn && !(origin && origin !== `http://${request.headers.host}`));
  if (pathname === "/v1/session") return send(200, { signed_in: isIn, person: isIn ? state.person : null, sign_in: "/v1/session/begin", is_demo: true, expires_at: null });
  if (!isIn) return problem(401, "Not signed in", "Sign in to ask.", { sign_in: "/v1/session/begin" });
  if (pathname === "/v1/session/end") {
    state.isSignedIn = false;
    return void response.writeHead(204).end();
  }
  if (pathname === "/v1/me") {
    if (request.method === "PUT") {
      const { subject } = await body();
      state.person = PEOPLE.find((one) => one.subject === subject) ?? state.person;
      return send(200, state.person);
    }
    return send(200, { person: state.person, people: PEOPLE, sources: sources(), model: "embedded 1.0.0", openers: OPENERS });
  }
  if (pathname === "/v1/drafts") return send(200, { drafts: [], counts: {}, to_confirm: 2 });
  if (pathname === "/v1/switches") return send(200, { off: [] });
  if (pathname === "/v1/agui") return begin(state, settings, await body(), response, problem);
  let found;
  if ((found = /^\/v1\/runs\/([^/]+)\/events$/.exec(pathname))) {
    const run = state.runs.get(found[1]);
    if (!run) return problem(404, "Not found", `no run ${found[1]}`);
    const last = request.headers["last-event-id"];
    // Two that were had already come again: a client has to drop them.
    return listen(run, response, last === undefined ? 0 : Math.max(0, Number(last) - 2));
  }
  if ((found = /^\/v1\/runs\/([^/]+)\/stop$/.exec(pathname))) {
    state.runs.get(found[1])?.stop();
    return void response.writeHead(204).end();
  }
  if (pathname === "/v1/conversations") return send(200, listing(state, url));
  if ((found = /^\/v1\/conversations\/([^/]+)\/choices$/.exec(pathname))) {
    const { key } = await body();
    state.asked.push({ choice: key });
    return send(200, { ...prepared("scrapped in total"), conversation: found[1] });
  }
  if ((found = /^\/v1\/conversations\/([^/]+)$/.exec(pathname))) return send(200, { id: found[1], answers: state.conversations.get(found[1])?.answers ?? [] });
  if (/^\/v1\/answers\/[^/]+\/replay$/.test(pathname)) return send(200, prepared(""));
  return problem(404, "Not found", `${pathname} is not there`);
}

const prepared = (question) => structuredClone(PREPARED.find(({ word }) => question.includes(word)).answer);

function sources() {
  return SITES.map((name, i) => ({ system: i % 2 ? "SAP ERP" : "Demo ERP", site: name.slice(0, 3).toUpperCase(), site_name: name, rows: 41_000 + 9_137 * i, loaded_at: new Date(Date.now() - 3 * 3_600_000).toISOString(), data_as_of: "2025-05-31T00:00:00+00:00" }));
}

function listing(state, url) {
  const all = [...state.conversations.entries()].map(([id, { answers, at }]) => ({ id, title: answers[0].question, last_asked_at: at, answers: answers.length })).reverse();
  const from = Number(url.searchParams.get("cursor") ?? 0);
  const to = from + Number(url.searchParams.get("limit") ?? 30);
  return { conversations: all.slice(from, to), next: to < all.length ? String(to) : null };
}

function begin(state, settings, input, response, problem) {
  const question = input.messages.at(-1).content;
  if (state.runs.has(input.runId)) return listen(state.runs.get(input.runId), response, 0);
  state.begun += 1;
  state.asked.push({ question, context: input.context });
  if (question.includes("refuse")) return problem(422, "Not usable as sent", "messages: refused as asked");
  const run = { events: [], readers: new Set(), isDone: false, stop: () => undefined };
  state.runs.set(input.runId, run);
  void work(state, settings, run, input, question);
  listen(run, response, 0);
  // The connection breaks where a question says so, once.
  if (question.includes("lost")) run.breaks = { after: 4, response };
}

async function work(state, { pace }, run, input, question) {
  let isStopped = false;
  run.stop = () => (isStopped = true);
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, question.includes("slow") ? 900 : ms));
  const tell = async (event, ms = pace) => {
    run.events.push(event);
    for (const wake of run.readers) wake();
    await wait(ms);
  };
  const answer = { ...prepared(question), question, conversation: input.threadId };
  await tell({ type: "RUN_STARTED", threadId: input.threadId, runId: input.runId });
  await tell({ type: "CUSTOM", name: "plantwright.progress", value: { stage: "plan", text: "Reading the question" } });
  await tell({ type: "TEXT_MESSAGE_START", messageId: answer.id, role: "assistant" });
  for (const clause of answer.answer.split(/(?<=[;.] )/)) {
    if (isStopped) break;
    await tell({ type: "TEXT_MESSAGE_CONTENT", messageId: answer.id, delta: clause }, pace * 2);
  }
  await tell({ type: "TEXT_MESSAGE_END", messageId: answer.id });
  if (question.includes("fault") || isStopped) {
    await tell({ type: "RUN_ERROR", message: isStopped ? "Stopped." : "The model endpoint does not answer; ask again in a minute.", code: "model_unavailable" });
  } else {
    const kept = state.conversations.get(input.threadId) ?? { answers: [] };
    state.conversations.set(input.threadId, { answers: [...kept.answers, answer], at: new Date().toISOString() });
    await tell({ type: "CUSTOM", name: "plantwright.answer", value: answer });
    await tell({ type: "RUN_FINISHED", threadId: input.threadId, runId: input.runId });
  }
  run.isDone = true;
  for (const wake of run.readers) wake();
}

function listen(run, response, from) {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  let at = from;
  const write = () => {
    for (; at < run.events.length; at += 1) {
      response.write(`id: ${at + 1}\ndata: ${JSON.stringify(run.events[at])}\n\n`);
      if (run.breaks?.response === response && at + 1 >= run.breaks.after) {
        run.readers.delete(write);
        setTimeout(() => response.destroy(), 20);
        return;
      }
    }
    if (run.isDone) {
      run.readers.delete(write);
      response.end();
    }
  };
  response.on("close", () => run.readers.delete(write));
  run.readers.add(write);
  response.write(": hello\n\n");
  setTimeout(write, 0);
}

const HANDOVER = `
const { origin, token, expires } = document.documentElement.dataset;
window.opener.postMessage({ type: "plantwright.token", token, expires_at: expires }, origin);
setTimeout(() => window.close(), 50);
`;

function handover(state, url, response) {
  const token = `pwp_${crypto.randomUUID()}`;
  state.tokens.add(token);
  const expires = new Date(Date.now() + 3_600_000).toISOString();
  const origin = url.searchParams.get("origin").replace(/[^\w:/.-]/g, "");
  response.writeHead(200, { "content-type": TYPES[".html"] });
  response.end(`<!doctype html><html lang="en" data-origin="${origin}" data-token="${token}" data-expires="${expires}"><title>Signing in</title><script src="handover.js"></script></html>`);
}

async function file(dist, name, response) {
  const path = join(dist, normalize(name));
  if (!path.startsWith(dist)) return void response.writeHead(404).end();
  try {
    const content = await readFile(path);
    response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream", "content-security-policy": POLICY, "x-content-type-options": "nosniff", "cache-control": "no-cache" }).end(content);
  } catch {
    response.writeHead(404).end();
  }
}

if (process.argv[1] && import.meta.url.endsWith(process.argv[1].split("/").slice(-2).join("/"))) {
  const { url } = await standIn({ port: Number(process.argv[2] ?? 8099), pace: 150 });
  console.log(`${url}/panel/`);
}
