// A quantity as people type it: nothing that reads as two numbers is taken for one of them.

export type Typed = { readonly kind: "number"; readonly value: string } | { readonly kind: "none" } | { readonly kind: "two" };

const NUMBER = /^\d{1,14}(?:[.,]\d{1,6})?$/;
// 1.000 and 1,000 are a thousand to some and one to others.
const TWO_READINGS = /^[1-9]\d{0,2}[.,]\d{3}$/;
const GROUPED = /^[1-9]\d{0,2}(?:[.,'\u2019 \u00A0\u202F]\d{3})+(?:[.,]\d+)?$/;

/** The decimal string that was meant; separators of thousands are refused, not guessed. */
export function typed(text: string): Typed {
  const given = text.trim();
  if (TWO_READINGS.test(given) || (GROUPED.test(given) && /[.,]/.test(given))) return { kind: "two" };
  if (!NUMBER.test(given)) return { kind: "none" };
  const value = given.replace(",", ".");
  return /^[0.]*$/.test(value) ? { kind: "none" } : { kind: "number", value };
}
