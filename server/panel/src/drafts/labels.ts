// What the draft's own names are called in the panel's language; the card comes in it from the service.

import { plain, titled } from "../language/characters";
import type { DraftTexts } from "../language/drafts_en";
import { money, written } from "../language/numbers";
import type { Language } from "../language/texts";
import type { Writing } from "./changes";
import type { CardRow, DraftDetail, DraftShown, Json, Kind, Price } from "./records";

const OF_LINE = /^\p{L}+ (\d+) (.+)$/u;

/** What a row or table of the card is told by. */
export const keyOf = (part: { readonly key?: string; readonly label?: string; readonly title?: string }): string => part.key || part.label || part.title || "";

/** The number of the line that a row is about, empty for the draft as a whole, and its label without it. */
export function lineOf(row: CardRow): readonly [string, string] {
  const [, line, rest] = keyOf(row).startsWith("Line ") ? (OF_LINE.exec(row.label) ?? []) : [];
  return line !== undefined && rest !== undefined ? [line, titled(rest)] : ["", row.label];
}

/** The path of a change in words: `Line 2, Quantity`. */
export function pathed(path: readonly string[], texts: DraftTexts): string {
  const parts = path.filter((name) => name !== "grounds" && name !== "lot");
  const said: string[] = [];
  for (const [i, name] of parts.entries()) {
    if (/^\d+$/.test(name)) said[said.length - 1] = texts.changes.line(name);
    // `source, supplier` says no more than `supplier`.
    else if (i < parts.length - 1 && name !== "lines") continue;
    else if (name !== "lines" || i === parts.length - 1) said.push(texts.fields[name] ?? plain(name.replaceAll("_", " ")));
    else said.push("");
  }
  return said.filter(Boolean).join(", ");
}

export function writing(language: Language): Writing {
  return {
    amount: (value, unit) => `${written(value, language, 0, 6)} ${plain(unit)}`,
    money: (amount, currency) => money(amount, currency, language),
    text: (value) => plain(/^[a-z]+(_[a-z]+)+$/.test(value) ? value.replaceAll("_", " ") : value),
  };
}

export const priced = (value: Price | null, language: Language): string => (value ? money(value.amount, value.currency, language) : "");

/** What a draft comes to, for a list; moves of work orders have no price, known or not. */
export const worthOf = (shown: DraftShown, texts: DraftTexts, language: Language): string => (shown.kind === "order_rescheduling" ? "" : priced(shown.value, language) || texts.noPrice);

interface Quantity {
  readonly value: string;
  readonly unit: string;
}

const quantityOf = (value: Json | undefined): Quantity | null => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const { value: amount, unit } = value as { readonly [name: string]: Json };
  return typeof amount === "string" && typeof unit === "string" ? { value: amount, unit } : null;
};

/** How much the draft is about, from what is hashed; null where it has several lines. */
export function quantityOfDraft(shown: DraftDetail): Quantity | null {
  const { lines, quantity } = shown.draft;
  if (!Array.isArray(lines)) return quantityOf(quantity);
  const [first, ...others] = lines as readonly { readonly [name: string]: Json }[];
  return first && !others.length ? quantityOf(first["quantity"]) : null;
}

/** What the button says that signing does: how much of what kind, and what it comes to. */
export function deed(shown: DraftDetail, texts: DraftTexts, language: Language): string {
  if (shown.kind === "cancellation") return texts.confirmBack(plain(String(shown.draft["number"] ?? "")));
  const quantity = quantityOfDraft(shown);
  const lines = shown.draft["lines"];
  const { moves } = shown.draft;
  const amount = Array.isArray(moves) ? texts.orders(moves.length) : quantity ? writing(language).amount(quantity.value, quantity.unit) : texts.lines(Array.isArray(lines) ? lines.length : 1);
  const value = priced(shown.value, language);
  const thing = texts.things[shown.kind];
  const { count } = shown.signatures;
  return count > 1 ? texts.sign(shown.signed.length + 1, count, thing, amount, value) : texts.confirm(thing, amount, value);
}

/** Roles as a sentence names them. */
export function rolesOf(roles: readonly string[], texts: DraftTexts): string {
  if (!roles.length) return texts.signatures.nobody;
  return roles.map((role) => texts.roles[role] ?? plain(role)).join(` ${texts.signatures.or} `);
}

export const kindOf = (kind: Kind, texts: DraftTexts): string => texts.kinds[kind] ?? plain(kind);

/** A draft on one line and the line below it, for lists. */
export function headlined(shown: DraftShown, texts: DraftTexts, language: Language, day: (text: string) => string): readonly [string, string] {
  const { editable } = shown;
  if (!editable) return [plain(shown.summary), `${kindOf(shown.kind, texts)} · ${plain(shown.site)}`];
  const much = `${written(editable.quantity, language, 0, 6)} ${plain(editable.unit)}`;
  const by = editable.needed_on ? ` · ${day(editable.needed_on)}` : "";
  return [`${much} ${plain(editable.material)}`, `${kindOf(shown.kind, texts)} · ${plain(shown.site)}${by}`];
}
