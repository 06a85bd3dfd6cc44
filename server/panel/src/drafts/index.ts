// Drafts in the panel: cards and the inbox.

import "./draft";
import "./explanation";
import "./inbox";
import type { Service } from "../connection/service";
import { boardOf } from "./board";
import { waitingExplanations } from "./explanations";

const EVERY_MS = 10_000;

/** How many drafts wait for whoever asks. */
export async function waiting(service: Service): Promise<number> {
  const [drafts, explanations] = await Promise.all([boardOf(service).list([], { limit: 1 }), waitingExplanations(service)]);
  return drafts.to_confirm + explanations.to_publish;
}

/** Calls when drafts may have changed, here, in another tab or in another channel; returns what ends that. */
export function onDraftsChanged(service: Service, changed: () => void): () => void {
  const board = boardOf(service);
  const seen = (): void => {
    if (!document.hidden) changed();
  };
  const timer = setInterval(seen, EVERY_MS);
  board.addEventListener("changed", changed);
  document.addEventListener("visibilitychange", seen);
  return () => {
    clearInterval(timer);
    board.removeEventListener("changed", changed);
    document.removeEventListener("visibilitychange", seen);
  };
}
