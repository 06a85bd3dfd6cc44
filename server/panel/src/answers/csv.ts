// A table as CSV that a spreadsheet reads as data and never as a formula.

import type { Cell, Table } from "../connection/records";
import { isDecimal, isNumeric } from "../language/numbers";

const RISKY = /^[=+\-@\t\r]/;

/** One cell: a plain number stays one; any other text that a spreadsheet might run gets an apostrophe. */
export function escaped(value: Cell | undefined, kind: string): string {
  if (value === null || value === undefined) return "";
  let text = typeof value === "boolean" ? (value ? "yes" : "no") : value;
  if (RISKY.test(text) && !(isNumeric(kind) && isDecimal(text))) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Exact values with their headings and units, these rows in this order. */
export function csv(table: Table, rows: readonly (readonly Cell[])[] = table.rows): string {
  const heads = table.columns.map((label, i) => escaped(table.units[i] ? `${label} (${table.units[i]})` : label, "text"));
  const lines = rows.map((row) => row.map((value, i) => escaped(value, table.kinds[i] ?? "text")).join(","));
  return `${[heads.join(","), ...lines].join("\r\n")}\r\n`;
}

/** A name for the file, of letters that every file system takes. */
export function fileName(title: string, otherwise: string): string {
  const kept = title.normalize("NFKD").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 60);
  return `${kept || otherwise}.csv`;
}
