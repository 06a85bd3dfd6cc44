// What several drafts come to, in whole numbers: no amount of money goes through a binary fraction.

import { sum } from "../language/numbers";
import type { DraftShown, Price } from "./records";

export type Total =
  | { readonly kind: "sum"; readonly price: Price }
  /** One of them has no price: it can be confirmed with the others, without a sum. */
  | { readonly kind: "unknown" }
  /** They cannot be added up, and so not confirmed together. */
  | { readonly kind: "currencies"; readonly named: readonly string[] };

export function totalOf(drafts: readonly DraftShown[]): Total {
  const known = drafts.flatMap((each) => (each.value ? [each.value] : []));
  const named = [...new Set(known.map((price) => price.currency))].sort();
  if (named.length > 1) return { kind: "currencies", named };
  const [currency] = named;
  if (known.length < drafts.length || currency === undefined) return { kind: "unknown" };
  return { kind: "sum", price: { amount: sum(known.map((price) => price.amount)), currency } };
}
