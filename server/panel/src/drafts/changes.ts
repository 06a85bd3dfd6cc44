// What differs between two versions of a draft, leaf by leaf, from the drafts as they are hashed.

import type { DraftDetail, Json } from "./records";

export interface Change {
  /** Names from the root to what changed; of places in a list, the number from 1 on. */
  readonly path: readonly string[];
  /** Null where it was not there. */
  readonly before: string | null;
  readonly after: string | null;
}

// They change with every reading of the data and say nothing of what would be written.
const APART = new Set(["facts", "evidence", "freshness", "schema_version", "kind"]);

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);
const isRecord = (value: Json | undefined): value is { readonly [name: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** How a value that is one thing is written for people. */
export interface Writing {
  amount(value: string, unit: string): string;
  money(amount: string, currency: string): string;
  /** A name within the draft, such as the kind of an alternative, in words. */
  text(value: string): string;
}

function leaf(value: Json | undefined, write: Writing): string | null {
  if (value === undefined || value === null || value === "") return null;
  if (isList(value)) return value.map((each) => leaf(each, write)).filter(Boolean).join("; ") || null;
  if (!isRecord(value)) return write.text(String(value));
  if ("value" in value && "unit" in value) return write.amount(String(value["value"]), String(value["unit"]));
  if ("amount" in value && "currency" in value) return write.money(String(value["amount"]), String(value["currency"]));
  if ("code" in value && "name" in value) return write.text(`${String(value["code"])} ${String(value["name"])}`.trim());
  const parts = Object.values(value).map((each) => leaf(each, write));
  return parts.filter(Boolean).join(", ") || null;
}

// Read as one thing: a quantity with its unit, money with its currency, a code with its name.
const isWhole = (value: Json | undefined): boolean =>
  isRecord(value) && (("value" in value && "unit" in value) || ("amount" in value && "currency" in value) || ("code" in value && "name" in value));

/** Sentences and rows that came or went; those that stay say nothing. */
function listed(path: readonly string[], before: readonly Json[], after: readonly Json[], write: Writing): Change[] {
  const texts = (list: readonly Json[]): string[] => list.map((each) => leaf(each, write)).filter((text) => text !== null);
  const [old, now] = [texts(before), texts(after)];
  const gone = old.filter((text) => !now.includes(text));
  const come = now.filter((text) => !old.includes(text));
  return Array.from({ length: Math.max(gone.length, come.length) }, (_, i) => ({ path, before: gone[i] ?? null, after: come[i] ?? null }));
}

function between(path: readonly string[], before: Json | undefined, after: Json | undefined, write: Writing): Change[] {
  if (isList(before) && isList(after) && path[0] !== "lines") return listed(path, before, after, write);
  if (isList(before) && isList(after)) {
    const count = Math.max(before.length, after.length);
    // A number only where there are several.
    return Array.from({ length: count }, (_, i) => between(count > 1 ? [...path, String(i + 1)] : path, before[i], after[i], write)).flat();
  }
  if (isRecord(before) && isRecord(after) && !isWhole(before) && !isWhole(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => !APART.has(name));
    return names.flatMap((name) => between([...path, name], before[name], after[name], write));
  }
  const [old, now] = [leaf(before, write), leaf(after, write)];
  return old === now ? [] : [{ path, before: old, after: now }];
}

/** What the later version changed; the figures that would be written come before the grounds for them. */
export function changesOf(before: DraftDetail, after: DraftDetail, write: Writing): readonly Change[] {
  const all = between([], before.draft, after.draft, write);
  const isGround = (change: Change): boolean => change.path[0] === "grounds";
  return [...all.filter((each) => !isGround(each)), ...all.filter(isGround)];
}
