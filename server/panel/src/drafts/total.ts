// What several drafts come to, in whole numbers: no amount of money goes through a binary fraction.

import type { DraftShown, Price } from "./records";

const PLACES = 6;

function units(amount: string): bigint {
  const negative = amount.startsWith("-");
  const [whole = "0", fraction = ""] = amount.replace("-", "").split(".");
  const size = BigInt(whole + fraction.padEnd(PLACES, "0"));
  return negative ? -size : size;
}

function written(sum: bigint): string {
  const digits = (sum < 0n ? -sum : sum).toString().padStart(PLACES + 1, "0");
  const fraction = digits.slice(-PLACES).replace(/0+$/, "");
  const text = digits.slice(0, -PLACES) + (fraction ? `.${fraction}` : "");
  return sum < 0n ? `-${text}` : text;
}

/** The exact sum of decimal strings with at most six places. */
export const added = (amounts: readonly string[]): string => written(amounts.reduce((sum, each) => sum + units(each), 0n));

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
  return { kind: "sum", price: { amount: added(known.map((price) => price.amount)), currency } };
}
