// An AG-UI client from its package: asks once, and says as JSON what it heard. It refuses any event out of order.
//
//   node client.mjs SERVICE THREAD RUN QUESTION [EVENTS]
//
// With EVENTS it hangs up after so many, and goes on where it was left off.

import { HttpAgent } from "@ag-ui/client";

const [service, threadId, runId, question, events] = process.argv.slice(2);
const hangsUpAfter = Number(events ?? 0);

/** The blocks of an event stream, one at a time. */
async function* blocks(response) {
  let text = "";
  for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
    text += part;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      yield text.slice(0, end + 2);
      text = text.slice(end + 2);
    }
  }
}

/** A fetch whose connection breaks once, and which asks for the rest by the id of the last event. */
async function resuming(url, init) {
  const first = await fetch(url, init);
  if (!hangsUpAfter || !first.ok) return first;
  const encoder = new TextEncoder();
  const whole = (async function* () {
    let last = "";
    let count = 0;
    for await (const block of blocks(first)) {
      last = /^id: (.*)$/m.exec(block)?.[1] ?? last;
      yield encoder.encode(block);
      if (++count === hangsUpAfter) break;
    }
    const rest = await fetch(`${service}/v1/runs/${runId}/events`, { headers: { "last-event-id": last } });
    if (rest.status === 204) return;
    for await (const block of blocks(rest)) yield encoder.encode(block);
  })();
  return new Response(ReadableStream.from(whole), { headers: first.headers });
}

const agent = new HttpAgent({ url: `${service}/v1/agui`, threadId, fetch: resuming });
agent.addMessage({ id: "question", role: "user", content: question });
const heard = { kinds: [], answer: null, outcome: "" };
await agent.runAgent(
  { runId },
  {
    onEvent: ({ event }) => void heard.kinds.push(event.type),
    onCustomEvent: ({ event }) => {
      if (event.name === "plantwright.answer") heard.answer = event.value;
    },
    onRunFinishedEvent: ({ outcome }) => void (heard.outcome = outcome),
  },
);
heard.messages = agent.messages.map(({ role, content }) => ({ role, content }));
process.stdout.write(JSON.stringify(heard));
