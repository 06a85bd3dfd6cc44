// The states of a draft: which of them belong together, and which change without anybody's doing.

import type { State } from "./records";

/** Whoever waits sees another state soon. */
export const MOVING: ReadonlySet<State> = new Set<State>(["drafted", "policy_checked", "confirmed", "dispatching"]);

/** Nothing will happen to it any more. A written draft may still turn out to have gone wrong, but nobody waits for that. */
export const OVER: ReadonlySet<State> = new Set<State>(["executed", "partly_written", "refused", "rejected", "expired", "superseded"]);

export type Tone = "open" | "moving" | "good" | "bad";

export function toneOf(state: State): Tone {
  switch (state) {
    case "awaiting_confirmation":
      return "open";
    case "drafted":
    case "policy_checked":
    case "confirmed":
    case "dispatching":
      return "moving";
    case "executed":
      return "good";
    case "partly_written":
    case "refused":
    case "rejected":
    case "expired":
    case "superseded":
    case "needs_reconciliation":
      return "bad";
  }
}

export type Shelf = "mine_to_confirm" | "waiting" | "asked_for" | "moving" | "done" | "not_written";

/** The shelves of the inbox, with the states that lie on each. */
export const SHELVES: readonly (readonly [Shelf, readonly State[]])[] = [
  ["mine_to_confirm", ["awaiting_confirmation"]],
  ["asked_for", ["awaiting_confirmation", "confirmed", "dispatching", "needs_reconciliation"]],
  ["waiting", ["awaiting_confirmation"]],
  ["moving", ["drafted", "policy_checked", "confirmed", "dispatching", "needs_reconciliation"]],
  ["done", ["executed", "partly_written"]],
  ["not_written", ["refused", "rejected", "expired", "superseded"]],
];

export const statesOn = (shelf: Shelf): readonly State[] => SHELVES.find(([name]) => name === shelf)?.[1] ?? [];
