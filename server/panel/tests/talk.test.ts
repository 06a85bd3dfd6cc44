// A conversation keeps its turns in order, whatever becomes of each.

import { afterEach, beforeEach, expect, test } from "vitest";
import type { Problem } from "../src/connection/problem";
import { Service } from "../src/connection/service";
import { joined, Talk, type Turn } from "../src/conversation/talk";
import { standIn, type StandIn } from "../stand_in/server.mjs";

let service: StandIn;
let talk: Talk;
let failures: Problem[];
let waiting: ((turn: Turn) => void)[];

beforeEach(async () => {
  service = await standIn({ pace: 5 });
  failures = [];
  waiting = [];
  talk = new Talk(new Service(service.url, service.url), {
    changed: () => undefined,
    began: () => undefined,
    progressed: () => undefined,
    failed: (problem) => failures.push(problem),
    answered: (turn) => waiting.splice(0).forEach((wake) => wake(turn)),
  });
});
afterEach(() => service.close());

const done = (): Promise<Turn> => new Promise((resolve) => waiting.push(resolve));

async function ask(question: string): Promise<Turn> {
  const turn = done();
  talk.ask(question, {});
  return turn;
}

test("turns of one conversation carry its id, and it can be opened again", async () => {
  await ask("top five scrap reasons");
  await ask("scrapped in total");
  const { conversation } = talk;
  talk.fresh();
  expect(talk.turns).toEqual([]);
  expect(talk.conversation).not.toBe(conversation);
  expect(await talk.open(conversation)).toBe(true);
  expect(talk.turns.map((turn) => [turn.question, turn.state])).toEqual([["top five scrap reasons", "done"], ["scrapped in total", "done"]]);
});

test("a page that was reloaded hears the turn that it had begun, once", async () => {
  talk.ask("top five", {});
  const pending = talk.pending!;
  await expect.poll(() => service.state.begun).toBe(1);
  talk.fresh();
  const turn = done();
  talk.resume(pending);
  expect((await turn).answer).not.toBeNull();
  expect(talk.turns.map((one) => [one.question, one.state])).toEqual([["top five", "done"]]);
  expect(talk.conversation).toBe(pending.conversation);
  expect(talk.pending).toBeNull();
  expect(service.state.begun).toBe(1);
});

test("a turn that was kept already is not shown twice when it is heard again", async () => {
  const asked = done();
  talk.ask("top five", {});
  const pending = talk.pending!;
  await asked;
  await talk.open(pending.conversation);
  const again = done();
  talk.resume(pending);
  await again;
  expect(talk.turns).toHaveLength(1);
});

test("a second question waits for the first", async () => {
  const first = done();
  talk.ask("top five", {});
  talk.ask("another", {});
  await first;
  expect(talk.turns).toHaveLength(1);
});

test("what was said before stopping stays, and the service is told", async () => {
  const turn = done();
  talk.ask("a slow question", {});
  await expect.poll(() => talk.turns[0]?.text, { timeout: 4000 }).toContain("Paint process failed");
  talk.stop();
  expect((await turn).state).toBe("stopped");
  expect(talk.turns[0]!.text).toContain("Paint process failed");
  expect(talk.isBusy).toBe(false);
});

test("a failed turn is asked again in its place", async () => {
  const failed = await ask("a fault");
  expect([failed.state, failed.problem?.title]).toEqual(["failed", "No answer"]);
  const turn = done();
  talk.again(failed, {});
  await turn;
  expect(talk.turns).toHaveLength(1);
});

test("a reading is run by its key, and says which", async () => {
  const asked = await ask("supplier performance");
  const turn = done();
  talk.choose(asked.answer!, asked.answer!.alternatives[1]!);
  const { note, state } = await turn;
  expect(state).toBe("done");
  expect(note).toEqual({ kind: "readAs", reading: asked.answer!.alternatives[1]!.reading });
  expect(service.state.asked.at(-1)).toEqual({ choice: "2" });
});

test("an ended session is told to whoever can sign in", async () => {
  service.state.isSignedIn = false;
  expect((await ask("anything")).state).toBe("failed");
  expect(failures.map((problem) => problem.status)).toEqual([401]);
});

test("clauses stand apart, and punctuation stays where it belongs", () => {
  expect(joined("Two.", "Three.")).toBe("Two. Three.");
  expect(joined("Two. ", "Three.")).toBe("Two. Three.");
  expect(joined("Two", ", three")).toBe("Two, three");
  expect(joined("", "One")).toBe("One");
});
