// What the page asks of the server.

export class Problem extends Error {
  constructor(title, detail, { lost = false, signIn = "" } = {}) {
    super(detail);
    this.title = title;
    this.lost = lost;
    this.signIn = signIn;
  }
}

const UNREACHABLE = "The service does not answer. It may have been stopped, or is starting again.";

async function sent(path, { method = "GET", body, accept = "application/json", signal } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      signal,
      cache: "no-store",
      headers: { accept, ...(body ? { "content-type": "application/json" } : {}) },
      body: body ? JSON.stringify(body) : undefined,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem("No connection", UNREACHABLE, { lost: true });
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw new Problem(problem.title || "Failed", problem.detail || `The service answered ${response.status}.`, { signIn: problem.sign_in });
}

/** Signs out here; the page to go on to: the identity provider's own, where a session has to end there too. */
export async function signOut() {
  const ended = await sent("/v1/session/end", { method: "POST" });
  return ended.status === 200 ? (await ended.json()).sign_out : "/v1/session/ended";
}

export const call = async (path, options) => (await sent(path, options)).json();

/** Server-sent events of a POST, in order, as `{name, data}`. */
export async function* events(path, body, signal) {
  const response = await sent(path, { method: "POST", body, accept: "text/event-stream", signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    let part;
    try {
      part = await reader.read();
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Problem("Connection lost", "The connection broke before the answer was complete.", { lost: true });
    }
    if (part.done) return;
    held += part.value;
    let end;
    while ((end = held.indexOf("\n\n")) >= 0) {
      const lines = held.slice(0, end).split("\n");
      held = held.slice(end + 2);
      const field = (name) => lines.find((line) => line.startsWith(name + ": "))?.slice(name.length + 2);
      const data = field("data");
      if (data !== undefined) yield { name: field("event"), data: JSON.parse(data) };
    }
  }
}

/** Resolves once the service is ready again, asking at growing intervals. */
export async function back(tried) {
  for (let wait = 1000; ; wait = Math.min(wait * 1.5, 10000)) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    try {
      const response = await fetch("/readyz", { cache: "no-store" });
      if (response.ok) return;
      const problem = await response.json().catch(() => ({}));
      tried(problem.detail || UNREACHABLE);
    } catch {
      tried(UNREACHABLE);
    }
  }
}
