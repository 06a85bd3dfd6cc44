// Drafts as `/v1/drafts` tells them; the names are the service's own.

export type State =
  | "drafted"
  | "policy_checked"
  | "awaiting_confirmation"
  | "confirmed"
  | "dispatching"
  | "executed"
  | "partly_written"
  | "refused"
  | "rejected"
  | "expired"
  | "superseded"
  | "needs_reconciliation";

export type Kind = "purchase_requisition" | "stock_transfer" | "quality_hold" | "order_rescheduling" | "purchase_order_redating" | "published_text" | "work_order" | "order_hold" | "cancellation";
export type Act = "read" | "propose" | "confirm" | "reject" | "edit" | "execute" | "reconcile" | "switch";

/** Money: the amount is a decimal string, and stays one. */
export interface Price {
  readonly amount: string;
  readonly currency: string;
}

export interface Amount {
  readonly value: string;
  readonly unit: string;
}

export interface CardRow {
  readonly label: string;
  readonly value: string;
  readonly mark: string;
  /** What it is told by, whatever language its label is in; a label alone is English. */
  readonly key?: string;
}

export interface CardTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly key?: string;
}

/** What the service made of the bytes that are hashed; shown as it comes. */
export interface Card {
  readonly title: string;
  readonly rows: readonly CardRow[];
  readonly tables: readonly CardTable[];
  readonly warnings: readonly string[];
  readonly digest: string;
}

export interface Signatures {
  readonly count: number;
  readonly roles: readonly string[];
  readonly requester_may: boolean;
  readonly reason: string;
}

export interface Signed {
  readonly by: string;
  readonly name: string;
  readonly at: string;
  readonly acting_for: string;
}

export interface Editable {
  readonly material: string;
  readonly quantity: string;
  readonly unit: string;
  readonly needed_on: string | null;
}

/** One document of a draft that has several. */
export interface Part {
  readonly name: string;
  readonly state: State;
  readonly document_number: string;
  readonly waits_for: string;
}

export interface DraftShown {
  readonly id: string;
  readonly series: string;
  readonly version: number;
  readonly digest: string;
  readonly kind: Kind;
  readonly summary: string;
  readonly site: string;
  readonly sites: readonly string[];
  readonly state: State;
  readonly requester: string;
  readonly requester_name: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly value: Price | null;
  readonly document_number: string;
  readonly reason: string;
  readonly parts?: readonly Part[];
  readonly signatures: Signatures;
  readonly signed: readonly Signed[];
  readonly escalated_at: string | null;
  readonly may: readonly Act[];
  readonly editable: Editable | null;
  readonly card: Card;
}

export interface Step {
  readonly at: string;
  readonly state: State;
  readonly what: string;
  readonly by: string;
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export interface DraftDetail extends DraftShown {
  readonly history: readonly Step[];
  /** All of the draft's, the oldest first. */
  readonly versions: readonly { readonly id: string; readonly version: number }[];
  readonly evidence: readonly string[];
  /** The draft itself, as it is hashed. */
  readonly draft: { readonly [name: string]: Json };
  /** What it did not know since a source of its site was away when it was drafted, and is back. */
  readonly came_late?: readonly string[];
}

export interface DraftList {
  readonly drafts: readonly DraftShown[];
  readonly counts: Readonly<Record<string, number>>;
  readonly to_confirm: number;
}

export interface Off {
  readonly target: "site" | "tool" | "flow" | "all";
  readonly name: string;
  readonly what: string;
  readonly by: string;
  readonly since: string;
  readonly reason: string;
}
