// Drafts that keep themselves current: one reader for each draft on the screen, however many views show it.

import type { DraftDetail, DraftList, DraftShown, Off, Price, State } from "./records";
import { MOVING, OVER } from "./states";

/** What the board asks of the service; the panel's own client is one. */
export interface Asks {
  call<T>(path: string, asked?: { method?: "GET" | "POST"; body?: unknown }): Promise<T>;
}

export type Hear = (now: DraftDetail) => void;

export interface Edit {
  readonly quantity?: string;
  readonly needed_on?: string;
  readonly note?: string;
}

export interface Found {
  readonly outcome: "found" | "not_written";
  readonly part?: string;
  readonly number: string;
  readonly reason: string;
}

const MOVING_MS = 700;
const WAITING_MS = 2500;
/** After that many readings nothing is likely to come soon: a worker may be down. */
const SOON = 60;
const CHANNEL = "plantwright.drafts";

interface Watched {
  readonly heard: Set<Hear>;
  shown: DraftDetail | null;
  timer: ReturnType<typeof setTimeout> | undefined;
  readings: number;
}

/** A pause until the next reading, or null where nothing moves any more. */
export function pauseAfter(state: State, readings: number): number | null {
  if (OVER.has(state)) return null;
  if (MOVING.has(state)) return readings < SOON ? MOVING_MS : WAITING_MS * 2;
  return WAITING_MS;
}

const differs = (old: DraftDetail | null, now: DraftDetail): boolean =>
  !old || old.state !== now.state || old.card.title !== now.card.title || old.signed.length !== now.signed.length || old.history.length !== now.history.length || old.may.join() !== now.may.join();

/** Reads, decides, and tells every view and every other tab of it; `changed` is heard after each decision. */
export class Board extends EventTarget {
  readonly #asks: Asks;
  readonly #watched = new Map<string, Watched>();
  readonly #deciding = new Set<string>();
  readonly #channel: BroadcastChannel | null;
  readonly #seen = (): void => {
    if (!document.hidden) for (const id of this.#watched.keys()) void this.refresh(id);
  };

  constructor(asks: Asks) {
    super();
    this.#asks = asks;
    this.#channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(CHANNEL);
    if (this.#channel) this.#channel.onmessage = (): void => this.#elsewhere();
    if (typeof document !== "undefined") document.addEventListener("visibilitychange", this.#seen);
  }

  close(): void {
    this.#channel?.close();
    document.removeEventListener("visibilitychange", this.#seen);
    for (const each of this.#watched.values()) clearTimeout(each.timer);
    this.#watched.clear();
  }

  /** Hears of the draft now and at each change; returns what ends it. */
  watch(id: string, hear: Hear, failed: (error: unknown) => void): () => void {
    const known = this.#watched.get(id);
    const watched = known ?? { heard: new Set<Hear>(), shown: null, timer: undefined, readings: 0 };
    watched.heard.add(hear);
    this.#watched.set(id, watched);
    if (watched.shown) hear(watched.shown);
    this.#read(id).catch(failed);
    return () => {
      watched.heard.delete(hear);
      if (watched.heard.size) return;
      clearTimeout(watched.timer);
      if (this.#watched.get(id) === watched) this.#watched.delete(id);
    };
  }

  /** The draft as it stands now, for everybody who watches it; nothing where it cannot be read. */
  async refresh(id: string): Promise<DraftDetail | null> {
    return this.#read(id).catch(() => null);
  }

  async #read(id: string): Promise<DraftDetail> {
    const now = await this.#asks.call<DraftDetail>(`/v1/drafts/${id}`).catch((error: unknown) => {
      this.#later(id, WAITING_MS * 2);
      throw error;
    });
    const watched = this.#watched.get(id);
    if (watched) {
      watched.readings = watched.shown?.state === now.state ? watched.readings + 1 : 0;
      const isNew = differs(watched.shown, now);
      const isFirst = !watched.shown;
      watched.shown = now;
      if (isNew) {
        for (const hear of watched.heard) hear(now);
        if (!isFirst) this.dispatchEvent(new Event("changed"));
      }
      this.#later(id, pauseAfter(now.state, watched.readings));
    }
    return now;
  }

  #later(id: string, pause: number | null): void {
    const watched = this.#watched.get(id);
    if (!watched) return;
    clearTimeout(watched.timer);
    if (pause === null) return;
    watched.timer = setTimeout(() => {
      // What nobody looks at is read again when somebody does.
      if (!document.hidden) void this.refresh(id);
    }, pause);
  }

  #elsewhere(): void {
    for (const id of this.#watched.keys()) void this.refresh(id);
    this.dispatchEvent(new Event("changed"));
  }

  /** True while a decision about it is under way, in whichever view it was made. */
  isDeciding(id: string): boolean {
    return this.#deciding.has(id);
  }

  /** Runs a decision once: a second click finds the first one under way and does nothing. */
  async #once<T>(ids: readonly string[], decide: () => Promise<T>): Promise<T | null> {
    if (ids.some((id) => this.#deciding.has(id))) return null;
    for (const id of ids) this.#deciding.add(id);
    try {
      return await decide();
    } finally {
      for (const id of ids) this.#deciding.delete(id);
      await Promise.all(ids.map((id) => this.refresh(id)));
      this.#channel?.postMessage("changed");
      this.dispatchEvent(new Event("changed"));
    }
  }

  #decide(verb: string, shown: DraftShown, body: object = {}): Promise<DraftShown | null> {
    return this.#once([shown.id], () => this.#asks.call<DraftShown>(`/v1/drafts/${shown.id}/${verb}`, { method: "POST", body: { digest: shown.digest, ...body } }));
  }

  /** Signs the digest that was shown; null where a decision is under way. */
  confirm(shown: DraftShown): Promise<DraftShown | null> {
    return this.#decide("confirm", shown, { proposal_id: shown.id });
  }

  reject(shown: DraftShown, reason: string): Promise<DraftShown | null> {
    return this.#decide("reject", shown, { reason });
  }

  /** The new version. */
  edit(shown: DraftShown, edit: Edit): Promise<DraftShown | null> {
    return this.#decide("edit", shown, edit);
  }

  /** The draft that takes back what this one wrote; somebody else confirms it. */
  takeBack(shown: DraftShown): Promise<DraftShown | null> {
    return this.#once([shown.id], () => this.#asks.call<DraftShown>("/v1/drafts", { method: "POST", body: { kind: "cancellation", document: shown.id } }));
  }

  reconcile(shown: DraftShown, found: Found): Promise<DraftShown | null> {
    return this.#decide("reconcile", shown, found);
  }

  /** Signs several in the order shown, bound to what they come to together: all or none. */
  confirmTogether(drafts: readonly DraftShown[], total: Price | null): Promise<{ readonly drafts: readonly DraftShown[] } | null> {
    return this.#once(
      drafts.map((each) => each.id),
      () => this.#asks.call("/v1/drafts/confirm-together", { method: "POST", body: { drafts: drafts.map((each) => ({ proposal_id: each.id, digest: each.digest })), total } }),
    );
  }

  list(states: readonly State[], options: { site?: string; isOwn?: boolean; limit?: number } = {}): Promise<DraftList> {
    const query = new URLSearchParams(states.map((state) => ["state", state]));
    if (options.site) query.set("site", options.site);
    if (options.isOwn) query.set("own", "true");
    query.set("limit", String(options.limit ?? 50));
    return this.#asks.call<DraftList>(`/v1/drafts?${query.toString()}`);
  }

  /** One version of a draft, without watching it. */
  detail(id: string): Promise<DraftDetail> {
    return this.#asks.call<DraftDetail>(`/v1/drafts/${id}`);
  }

  async off(): Promise<readonly Off[]> {
    return (await this.#asks.call<{ readonly off: readonly Off[] }>("/v1/switches")).off;
  }
}

const boards = new WeakMap<object, Board>();

/** The one board of a service. */
export function boardOf(service: Asks): Board {
  const known = boards.get(service);
  if (known) return known;
  const made = new Board(service);
  boards.set(service, made);
  return made;
}
