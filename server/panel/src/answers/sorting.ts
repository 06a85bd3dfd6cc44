// Order and choice of a table's rows.

import type { Cell, Spoken, Table } from "../connection/records";
import { compared, isDecimal, isNumeric, localeOf } from "../language/numbers";

export interface Order {
  column: number;
  direction: "ascending" | "descending";
}

/** The order that a click on a column's heading asks for: numbers begin with the largest. */
export function next(order: Order | null, column: number, kind: string | undefined): Order | null {
  const first = isNumeric(kind) ? "descending" : "ascending";
  if (order?.column !== column) return { column, direction: first };
  if (order.direction === first) return { column, direction: first === "descending" ? "ascending" : "descending" };
  return null;
}

/** The rows in this order; equal ones keep theirs, missing values come last either way. */
export function sorted(rows: readonly (readonly Cell[])[], order: Order | null, kind: string | undefined, language: Spoken): readonly (readonly Cell[])[] {
  if (!order) return rows;
  const sign = order.direction === "ascending" ? 1 : -1;
  const words = new Intl.Collator(localeOf(language), { numeric: true });
  const isNumber = isNumeric(kind);
  return [...rows].sort((one, other) => {
    const [a, b] = [one[order.column] ?? null, other[order.column] ?? null];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    if (isNumber && isDecimal(a) && isDecimal(b)) return sign * compared(a, b);
    return sign * words.compare(String(a), String(b));
  });
}

/** The rows that hold every one of these words, in what is shown of them. */
export function filtered(rows: readonly (readonly Cell[])[], words: string, shown: (row: readonly Cell[]) => string): readonly (readonly Cell[])[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return rows;
  return rows.filter((row) => {
    const text = shown(row).toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

/** For each column that is shown, where its code stands: `location` takes `location_id` into its cells. */
export function columnsOf(table: Table): { at: number; code: number | null }[] {
  const codes = new Map<number, number>();
  table.names.forEach((name, i) => {
    if (!name.endsWith("_id") || table.kinds[i] !== "id") return;
    const named = table.names.indexOf(name.slice(0, -3));
    if (named >= 0) codes.set(named, i);
  });
  const taken = new Set(codes.values());
  return table.columns.map((_, at) => at).filter((at) => !taken.has(at)).map((at) => ({ at, code: codes.get(at) ?? null }));
}
