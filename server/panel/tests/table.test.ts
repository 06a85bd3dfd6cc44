// Tables leave as data, never as formulas, and sort by value.

import { expect, test } from "vitest";
import { csv, escaped, fileName } from "../src/answers/csv";
import { lines } from "../src/answers/prose";
import { columnsOf, filtered, next, sorted } from "../src/answers/sorting";
import type { Answer, Table } from "../src/connection/records";
import prepared from "../stand_in/answers.json";

const table = (more: Partial<Table>): Table => ({ title: "", columns: ["Supplier", "Spend"], names: ["supplier", "spend"], kinds: ["text", "money"], units: ["", "USD"], rows: [], truncated: false, total_rows: null, restates: false, ...more });
const answerOf = (word: string): Answer => prepared.find((one) => one.word === word)!.answer as unknown as Answer;

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])("a spreadsheet does not run %j", (text) => {
  expect(escaped(text, "text").replace(/^"/, "")).toMatch(/^'/);
});

test("a negative number stays one; quotes and lines are kept", () => {
  expect(escaped("-12.50", "money")).toBe("-12.50");
  expect(escaped("-1e9", "money")).toBe("'-1e9");
  expect(csv(table({ rows: [['a "b", c', "-1"], ["two\nlines", null]] }))).toBe('Supplier,Spend (USD)\r\n"a ""b"", c",-1\r\n"two\nlines",\r\n');
});

test("a file's name is of letters", () => {
  expect(fileName("../Bestand: Kassel/Werk", "t")).toBe("Bestand-Kassel-Werk.csv");
  expect(fileName("///", "table")).toBe("table.csv");
});

test("numbers sort by value to the last digit, missing ones come last either way", () => {
  const rows = [["a", "9007199254740992"], ["b", null], ["c", "-3"], ["d", "9007199254740993"]];
  const order = (direction: "ascending" | "descending"): string => sorted(rows, { column: 1, direction }, "money", "en").map((row) => row[0]).join("");
  expect(order("descending")).toBe("dacb");
  expect(order("ascending")).toBe("cadb");
});

test("words sort as the language does, numbers in them as numbers", () => {
  const rows = [["Ö"], ["Z"], ["M-10"], ["M-9"]];
  expect(sorted(rows, { column: 0, direction: "ascending" }, "text", "de").flat()).toEqual(["M-9", "M-10", "Ö", "Z"]);
});

test("a heading sorts, turns, and lets go", () => {
  const first = next(null, 1, "money");
  expect(first).toEqual({ column: 1, direction: "descending" });
  expect(next(first, 1, "money")).toEqual({ column: 1, direction: "ascending" });
  expect(next(next(first, 1, "money"), 1, "money")).toBeNull();
  expect(next(first, 0, "text")).toEqual({ column: 0, direction: "ascending" });
});

test("every word of a filter must be there", () => {
  const rows = [["Kassel valve"], ["Kassel pump"]];
  expect(filtered(rows, "pump  KASSEL", (row) => String(row[0]))).toEqual([["Kassel pump"]]);
});

test("a code stands beside its name", () => {
  expect(columnsOf(table({ columns: ["Location", "Id", "Stock"], names: ["location", "location_id", "stock"], kinds: ["text", "id", "quantity"] }))).toEqual([
    { at: 0, code: 1 },
    { at: 2, code: null },
  ]);
});

test("numbers of a sentence that are figures open their evidence", () => {
  const [line] = lines(answerOf(""));
  const figures = line!.filter((part) => part.figure).map((part) => [part.text, part.figure!.value, part.figure!.evidence?.id]);
  expect(figures).toEqual([["1,271", "1271", "e1"], ["37", "37", "e1"], ["4,758", "4758", "e1"]]);
});

test("text from data stays text", () => {
  const shown = lines(answerOf("hostile")).flat().map((part) => part.text).join("");
  expect(shown).toBe("<img src=x onerror=alert(1)> leads.");
});
