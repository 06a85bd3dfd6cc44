// A conversation as it stands here: its turns, and the one that is being answered. Knows nothing of the screen.

import { asProblem, Problem } from "../connection/problem";
import type { Alternative, Answer, HostContext } from "../connection/records";
import { newId, Run, type Pending } from "../connection/run";
import type { Service } from "../connection/service";
import { plain } from "../language/characters";

/** A turn that was told to stop is left after this time, whatever the service says. */
const STOPPED_WITHIN_MS = 3000;

export type TurnState = "working" | "done" | "stopped" | "failed";

export interface Turn {
  readonly id: string;
  readonly question: string;
  /** What kind of turn it is besides a plain question: `readAs`, `recomputed`, or nothing. */
  readonly note: { kind: "readAs"; reading: string } | { kind: "recomputed" } | null;
  state: TurnState;
  /** What is being done now, in the service's words; empty before the first. */
  progress: string;
  /** Verified clauses so far. */
  text: string;
  answer: Answer | null;
  problem: Problem | null;
}

export interface Listener {
  /** Something of the talk is no longer as it was. */
  changed(): void;
  /** A run has begun. */
  began(): void;
  answered(turn: Turn): void;
  progressed(text: string): void;
  /** An error that is not the turn's own: the session ended. */
  failed(error: Problem): void;
}

/** Clauses side by side: a blank between two where the service sent none. */
export function joined(text: string, clause: string): string {
  const isApart = text === "" || /\s$/.test(text) || /^[\s,.;:!?)]/.test(clause);
  return isApart ? text + clause : `${text} ${clause}`;
}

export class Talk {
  conversation = newId();
  turns: Turn[] = [];
  /** True while the connection of the running turn is lost. */
  isLost = false;
  private running: { abort: AbortController; run: Run | null; turn: Turn; isStopping: boolean } | null = null;

  constructor(
    private readonly service: Service,
    private readonly on: Listener,
  ) {}

  get isBusy(): boolean {
    return this.running !== null;
  }

  get last(): Answer | null {
    return this.turns.at(-1)?.answer ?? null;
  }

  /** What is being asked now, to be taken up again after a reload; null where a turn is no run. */
  get pending(): Pending | null {
    return this.running?.run?.pending ?? null;
  }

  ask(question: string, context: HostContext): void {
    this.hear(new Run(this.service, { conversation: this.conversation, question, context }), false);
  }

  /** Hears a run that an earlier page asked for, in the conversation that it belongs to. */
  resume(pending: Pending): void {
    this.conversation = pending.conversation;
    this.hear(new Run(this.service, pending, pending.run), true);
  }

  private hear(run: Run, isResumed: boolean): void {
    void this.during(run.pending.question, null, async (turn, signal) => {
      if (this.running) this.running.run = run;
      this.on.began();
      for await (const heard of run.listen(signal, isResumed)) {
        if (heard.kind === "progress") {
          turn.progress = plain(heard.text);
          this.on.progressed(turn.progress);
        } else if (heard.kind === "clause") turn.text = joined(turn.text, heard.text);
        else if (heard.kind === "answer") {
          turn.answer = heard.answer;
          // It was kept before this page asked what there is.
          this.turns = this.turns.filter((other) => other === turn || other.answer?.id !== heard.answer.id);
        } else if (heard.kind === "lost") this.isLost = true;
        else this.isLost = false;
        this.on.changed();
      }
    });
  }

  choose(answer: Answer, alternative: Alternative): void {
    const note = { kind: "readAs", reading: alternative.reading } as const;
    const key = newId();
    void this.during(answer.question, note, async (turn, signal) => {
      const path = `/v1/conversations/${encodeURIComponent(answer.conversation || this.conversation)}/choices`;
      const body = { answer_id: answer.id, key: alternative.key };
      turn.answer = await this.insist(signal, () => this.service.call<Answer>(path, { method: "POST", body, signal, headers: { "idempotency-key": key } }));
    });
  }

  replay(answer: Answer): void {
    void this.during(answer.question, { kind: "recomputed" }, async (turn, signal) => {
      turn.answer = await this.insist(signal, () => this.service.call<Answer>(`/v1/answers/${encodeURIComponent(answer.id)}/replay`, { signal }));
    });
  }

  /** Stops the running turn; what was said so far stays. */
  stop(): void {
    const { running } = this;
    if (!running) return;
    if (running.isStopping || !running.run) {
      running.abort.abort();
      return;
    }
    // A search ends with the best it has, which is the answer; anything else ends at once, or is left here.
    running.isStopping = true;
    void running.run.stop().catch(() => running.abort.abort());
    setTimeout(() => running.abort.abort(), STOPPED_WITHIN_MS);
  }

  /** Ask a turn's question once more, in its place. */
  again(turn: Turn, context: HostContext): void {
    if (this.running) return;
    this.turns = this.turns.filter((other) => other !== turn);
    this.ask(turn.question, context);
  }

  fresh(): void {
    this.leave();
    this.conversation = newId();
    this.turns = [];
    this.on.changed();
  }

  /** An earlier conversation; false where it has no answers. */
  async open(id: string): Promise<boolean> {
    const { answers } = await this.service.call<{ answers: Answer[] }>(`/v1/conversations/${encodeURIComponent(id)}`);
    if (!answers.length) return false;
    this.leave();
    this.conversation = id;
    this.turns = answers.map((answer) => ({ ...begun(answer.question, null), state: "done", answer }));
    this.on.changed();
    return true;
  }

  /** The turn goes on at the service; only this reader leaves it. */
  private leave(): void {
    this.running?.abort.abort();
    this.running = null;
    this.isLost = false;
  }

  private async during(question: string, note: Turn["note"], work: (turn: Turn, signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.running) return;
    const turn = begun(question, note);
    const mine = { abort: new AbortController(), run: null, turn, isStopping: false };
    this.running = mine;
    this.turns = [...this.turns, turn];
    this.on.changed();
    try {
      await work(turn, mine.abort.signal);
      turn.state = "done";
      if (turn.answer?.conversation) this.conversation = turn.answer.conversation;
    } catch (error) {
      if (mine.abort.signal.aborted || mine.isStopping) turn.state = turn.answer ? "done" : "stopped";
      else {
        turn.state = "failed";
        turn.problem = asProblem(error);
        if (turn.problem.signIn) this.on.failed(turn.problem);
      }
    }
    if (this.running !== mine) return;
    this.running = null;
    this.isLost = false;
    this.on.changed();
    this.on.answered(turn);
  }

  /** A request that may be sent again, until it arrives. */
  private async insist<T>(signal: AbortSignal, send: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await send();
      } catch (error) {
        if (!(error instanceof Problem) || !error.isLost) throw error;
        this.isLost = true;
        this.on.changed();
        await this.service.back(signal);
        signal.throwIfAborted();
        this.isLost = false;
        this.on.changed();
      }
    }
  }
}

function begun(question: string, note: Turn["note"]): Turn {
  return { id: newId(), question, note, state: "working", progress: "", text: "", answer: null, problem: null };
}
