// A turn is heard to its end, each event once, whatever happens to the connection.

import { afterEach, beforeEach, expect, test } from "vitest";
import { eventsOf } from "../src/connection/events";
import { Problem } from "../src/connection/problem";
import { Run, type Heard } from "../src/connection/run";
import { Service } from "../src/connection/service";
import { standIn, type StandIn } from "../stand_in/server.mjs";

let service: StandIn;
beforeEach(async () => {
  service = await standIn({ pace: 5 });
});
afterEach(() => service.close());

const run = (question: string, at = service.url): Run => new Run(new Service(at, at), { conversation: "c1", question, context: { plant: "KAS" } });

async function heard(of: Run): Promise<Heard[]> {
  const all: Heard[] = [];
  for await (const one of of.listen(new AbortController().signal)) all.push(one);
  return all;
}

const text = (all: Heard[]): string => all.flatMap((one) => (one.kind === "clause" ? [one.text] : [])).join("");

test("clauses arrive in order, then the answer that holds them", async () => {
  const all = await heard(run("top five scrap reasons"));
  const answer = all.at(-1);
  expect(answer?.kind).toBe("answer");
  expect(answer?.kind === "answer" && answer.answer.answer).toBe(text(all));
});

test("the host's context goes along as named data, never in the question", async () => {
  await heard(run("how much stock is there?"));
  expect(service.state.asked).toEqual([{ question: "how much stock is there?", context: [{ description: "plant", value: "KAS" }] }]);
});

test("a connection that breaks is taken up again: nothing lost, what comes again is dropped, asked once", async () => {
  const whole = text(await heard(run("top five scrap reasons")));
  const all = await heard(run("top five, lost"));
  const kinds = all.map((one) => one.kind);
  expect(kinds).toContain("lost");
  expect(kinds).toContain("resumed");
  expect(text(all)).toBe(whole);
  expect(kinds.filter((kind) => kind === "answer")).toHaveLength(1);
  expect(service.state.begun).toBe(2);
});

test("a refusal carries title, words and status", async () => {
  await expect(heard(run("refuse this"))).rejects.toMatchObject({ title: "Not usable as sent", status: 422 });
});

test("a turn that cannot be finished says why", async () => {
  await expect(heard(run("a fault"))).rejects.toThrow("The model endpoint does not answer");
});

test("nobody is asked again without a session, and the problem says where to sign in", async () => {
  service.state.isSignedIn = false;
  const error = await heard(run("anything")).catch((one: unknown) => one);
  expect(error).toBeInstanceOf(Problem);
  expect((error as Problem).signIn).toBe("/v1/session/begin");
});

test("a connection that says nothing is dead, and heartbeats keep it alive", async () => {
  const beats = new ReadableStream<Uint8Array>({
    async start(controller) {
      for (const part of [": still working\n\n", ": still working\n\n", 'data: "x"\n\n']) {
        await new Promise((resolve) => setTimeout(resolve, 60));
        controller.enqueue(new TextEncoder().encode(part));
      }
    },
  });
  const events = eventsOf(beats, 120);
  expect((await events.next()).value).toEqual({ id: null, data: '"x"' });
  await expect(events.next()).rejects.toThrow("nothing arrived for 120 ms");
});

test("an event cut in half is none, and split bytes are put together", async () => {
  const bytes = new TextEncoder().encode('id: 1\ndata: {"a":"ä"}\n\n: beat\n\nid: 2\r\ndata: x\r\ndata: y\r\n\r\nid: 3\ndata: half');
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
      controller.close();
    },
  });
  const all = [];
  for await (const event of eventsOf(body)) all.push(event);
  expect(all).toEqual([
    { id: "1", data: '{"a":"ä"}' },
    { id: "2", data: "x\ny" },
  ]);
});
