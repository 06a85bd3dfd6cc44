// A table as CSV that a spreadsheet reads as data and never as a formula.

import { isDecimal, isNumeric } from "./wording.js";

const RISKY = /^[=+\-@\t\r]/;

/** One cell: a plain number stays one; any other text that a spreadsheet might run gets an apostrophe. */
export function escaped(value, kind) {
  if (value === null || value === undefined) return "";
  let text = typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
  if (RISKY.test(text) && !(isNumeric(kind) && isDecimal(text))) text = "'" + text;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csv(table) {
  const kinds = table.kinds.length ? table.kinds : table.columns.map(() => "text");
  const heads = table.columns.map((label, i) => escaped(table.units[i] ? `${label} (${table.units[i]})` : label, "text"));
  const rows = table.rows.map((row) => row.map((value, i) => escaped(value, kinds[i])).join(","));
  return [heads.join(","), ...rows].join("\r\n") + "\r\n";
}

/** Puts text on the clipboard; false where the browser does not let us. */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
