// Explanations that people stand for, as the service shows them, and how the inbox names one.

import type { Asks } from "./board";
import type { State } from "./records";

export type Act = "publish" | "reject";
export type Standing = "drafted" | "published" | "rejected" | "superseded" | "expired";

export interface Step {
  readonly step: string;
  /** Decimal string. */
  readonly amount: string;
  readonly cause: string | null;
}

export interface WrittenText {
  readonly site: string;
  readonly draft: string;
  readonly state: State;
  readonly document_number: string;
  /** Why it is not there, or what it waits for. */
  readonly reason: string;
  readonly is_taken_back: boolean;
}

export interface Explanation {
  readonly id: string;
  readonly version: number;
  readonly state: Standing;
  readonly digest: string;
  readonly sites: readonly string[];
  readonly requester: string;
  readonly may: readonly Act[];
  /** Why whoever looks may not do the rest, in the words of policy. */
  readonly why_not: Readonly<Partial<Record<Act, string>>>;
  readonly may_publish: readonly string[];
  readonly versions: readonly { readonly id: string; readonly version: number; readonly state: Standing }[];
  readonly drafted_at: string;
  readonly expires_at: string;
  readonly decided_by: string | null;
  readonly decided_at: string | null;
  readonly reason: string | null;
  readonly data: "current" | "stale" | null;
  readonly delta: string | null;
  /** Of one that was published, what became of its text in the ERP of each site. */
  readonly texts?: readonly WrittenText[];
  readonly reading: string;
  readonly narrative: string;
  readonly currency: string;
  readonly bridge: readonly Step[];
  readonly caveats: readonly string[];
}

interface Listed {
  readonly publications: readonly Explanation[];
  readonly to_publish: number;
}

/** What an answer's draft says of itself where it is one. */
export const EXPLANATION = "variance_explanation";
// Of the letters that an address may hold; no draft's id begins so.
const MARK = "e-";
const AT = "/v1/finance/publications";
const MOST = 20;

/** How the inbox names it, beside ids of drafts. */
export const marked = (id: string): string => MARK + id;

/** The id of an explanation that is named so; empty for a draft's. */
export const unmarked = (selected: string): string => (selected.startsWith(MARK) ? selected.slice(MARK.length) : "");

/** Those that wait for somebody to publish them; none where the service keeps none. */
export async function waitingExplanations(service: Asks): Promise<Listed> {
  return service.call<Listed>(`${AT}?state=drafted&limit=${MOST}`).catch(() => ({ publications: [], to_publish: 0 }));
}

export const readExplanation = (service: Asks, id: string): Promise<Explanation> => service.call<Explanation>(`${AT}/${id}`);

/** Decides about exactly what was shown. */
export function decideExplanation(service: Asks, shown: Explanation, act: Act, reason = ""): Promise<Explanation> {
  return service.call<Explanation>(`${AT}/${shown.id}/${act}`, { method: "POST", body: { digest: shown.digest, ...(act === "reject" ? { reason } : {}) } });
}

/** How good a state is, for its colour. */
export function toneOfExplanation(state: Standing): "open" | "good" | "bad" | "plain" {
  if (state === "drafted") return "open";
  return state === "published" ? "good" : state === "superseded" ? "plain" : "bad";
}
