// One turn over AG-UI: asked once, read to its end even where the connection breaks in between.

import { eventsOf } from "./events";
import { Problem } from "./problem";
import { HOST_NAMES, type Answer, type HostContext } from "./records";
import type { Service } from "./service";

/** What is heard of a turn, in order, each once. */
export type Heard =
  | { kind: "started" }
  | { kind: "progress"; stage: string; text: string }
  | { kind: "clause"; text: string }
  | { kind: "answer"; answer: Answer }
  | { kind: "lost" }
  | { kind: "resumed" };

export interface Question {
  conversation: string;
  question: string;
  context: HostContext;
}

/** A question that is being answered, with the id of its run. */
export interface Pending extends Question {
  run: string;
}

/** Ids as the server makes them would do too; a page that is not on https has no `randomUUID`. */
export function newId(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** A turn of a conversation. Its id makes asking again harmless: the service runs it once. */
export class Run {
  readonly id: string;
  private last: string | null = null;
  private readonly seen = new Set<string>();

  constructor(
    private readonly service: Service,
    private readonly asked: Question,
    id: string = newId(),
  ) {
    this.id = id;
  }

  get pending(): Pending {
    return { ...this.asked, run: this.id };
  }

  /** The turn to its end. A lost connection is taken up again after the last event that arrived.
   *
   * A run that another page began is resumed from its first event.
   *
   * Throws a Problem where the service refuses the question or cannot finish it.
   */
  async *listen(signal: AbortSignal, isBegun = false): AsyncGenerator<Heard> {
    let isAnswered = false;
    for (let isResumed = isBegun; ; isResumed = true) {
      try {
        for await (const heard of this.once(isResumed, signal)) {
          if (heard.kind === "answer") isAnswered = true;
          if (heard.kind === "end") {
            if (isAnswered) return;
            throw new Problem("No answer", "The turn ended without an answer. Ask again.");
          }
          yield heard;
        }
      } catch (error) {
        if (signal.aborted || !(error instanceof Problem) || !error.isLost) throw error;
      }
      if (isAnswered) return;
      yield { kind: "lost" };
      await this.service.back(signal);
      signal.throwIfAborted();
      yield { kind: "resumed" };
    }
  }

  /** Tell the service to stop; what it has said so far stays. */
  async stop(): Promise<void> {
    await this.service.call<void>(`/v1/runs/${this.id}/stop`, { method: "POST" });
  }

  private async *once(isResumed: boolean, signal: AbortSignal): AsyncGenerator<Heard | { kind: "end" }> {
    const response = await (isResumed ? this.resumed(signal) : this.begun(signal));
    if (!response.body) throw new Problem("No answer", "The service answered without a body.");
    const events = eventsOf(response.body);
    for (;;) {
      let next: IteratorResult<{ id: string | null; data: string }>;
      try {
        next = await events.next();
      } catch (error) {
        if (signal.aborted) throw error;
        throw new Problem("Connection lost", "The connection broke before the answer was complete.", { isLost: true });
      }
      if (next.done) return;
      const { id, data } = next.value;
      if (id !== null) {
        if (this.seen.has(id)) continue;
        this.seen.add(id);
        this.last = id;
      }
      const heard = heardOf(data);
      if (heard) yield heard;
    }
  }

  private begun(signal: AbortSignal): Promise<Response> {
    const { conversation, question, context } = this.asked;
    const named = HOST_NAMES.filter((name) => context[name]);
    const body = {
      threadId: conversation,
      runId: this.id,
      state: {},
      messages: [{ id: newId(), role: "user", content: question }],
      tools: [],
      context: named.map((name) => ({ description: name, value: context[name] })),
      forwardedProps: {},
    };
    return this.service.send("/v1/agui", { method: "POST", body, accept: "text/event-stream", signal });
  }

  private async resumed(signal: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = this.last === null ? {} : { "last-event-id": this.last };
    try {
      return await this.service.send(`/v1/runs/${this.id}/events`, { accept: "text/event-stream", signal, headers });
    } catch (error) {
      // It never arrived: nothing was heard of it, and the service does not know it.
      if (error instanceof Problem && error.status === 404 && this.last === null) return this.begun(signal);
      throw error;
    }
  }
}

function heardOf(data: string): Heard | { kind: "end" } | null {
  const event = JSON.parse(data) as Record<string, unknown>;
  switch (event["type"]) {
    case "RUN_STARTED":
      return { kind: "started" };
    case "TEXT_MESSAGE_CONTENT":
      return { kind: "clause", text: String(event["delta"] ?? "") };
    case "CUSTOM":
      return customOf(String(event["name"]), event["value"]);
    case "RUN_FINISHED":
      return { kind: "end" };
    case "RUN_ERROR":
      throw new Problem("No answer", String(event["message"] ?? "The service could not finish this turn."), { members: { code: event["code"] } });
    default:
      // Steps, message frames, and whatever a later service says besides.
      return null;
  }
}

function customOf(name: string, value: unknown): Heard | null {
  if (name === "plantwright.answer") return { kind: "answer", answer: value as Answer };
  if (name === "plantwright.progress") {
    const { stage, text } = value as { stage: string; text: string };
    return { kind: "progress", stage, text };
  }
  return null;
}
