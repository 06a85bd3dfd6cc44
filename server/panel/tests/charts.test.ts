// Every form of chart draws what its data says, to the digit.

import { expect, test } from "vitest";
import { stretches } from "../src/charts/bridge";
import { ofAnswer, type Bridge } from "../src/charts/forms";
import type { Look } from "../src/charts/look";
import { projection, shortages } from "../src/charts/projection";
import { drawingOf } from "../src/charts/registry";
import type { Answer } from "../src/connection/records";
import { en } from "../src/language/en";
import prepared from "../stand_in/answers.json";

const look: Look = { ink: "#000", soft: "#555", line: "#ddd", sheet: "#fff", good: "#070", bad: "#a00", warn: "#a60", series: ["#1", "#2", "#3", "#4", "#5", "#6"], font: "sans-serif", texts: en.chart, spoken: "en", width: 700, isNarrow: false };
const BRIDGE: Bridge = { title: "Variance", unit: "EUR", kind: "money", start: { label: "Plan", value: "100.10" }, steps: [{ label: "Price", value: "-30.05", isGood: false }, { label: "Volume", value: "0.01", isGood: null }], end: "Actual" };

const drawn = prepared.filter((one) => one.word.startsWith("drawn") || one.word === "by month");

test.each(drawn.map((one) => one.word))("%s has a drawing, and a table of the same values", (word) => {
  const answer = prepared.find((one) => one.word === word)!.answer as unknown as Answer;
  for (const spec of answer.charts) {
    const drawing = drawingOf(ofAnswer(spec, answer), look)!;
    const values = new Set(answer.tables[spec.table]!.rows.flat());
    const own = drawing.sheet.rows.flatMap((row) => row.slice(1)).filter((value) => value !== null);
    expect(own.length).toBeGreaterThan(0);
    expect(own.every((value) => values.has(value))).toBe(true);
    expect(drawing.height).toBeGreaterThan(60);
  }
});

test("a specification that names other columns draws nothing", () => {
  const answer = prepared.find((one) => one.word === "by month")!.answer as unknown as Answer;
  const [spec] = answer.charts;
  expect(drawingOf(ofAnswer({ ...spec!, series: [{ ...spec!.series[0]!, column: "absent" }] }, answer), look)).toBeNull();
});

test("a bridge ends at the exact sum", () => {
  const bars = stretches(BRIDGE);
  expect(bars.map((bar) => [bar.label, bar.from, bar.to, bar.role])).toEqual([
    ["Plan", "0", "100.10", "total"],
    ["Price", "100.10", "70.05", "bad"],
    ["Volume", "70.05", "70.06", "up"],
    ["Actual", "0", "70.06", "total"],
  ]);
});

test("a plan before and after stands as rows too", () => {
  const task = { label: "WO 1", lane: "Press", start: "2025-06-02T06:00:00Z", end: "2025-06-02T10:00:00Z", isLate: false };
  const drawing = drawingOf({ form: "gantt", spoken: "en", data: { title: "Plan", lanes: ["Press"], now: null, tasks: [{ ...task, plan: "before" }, { ...task, plan: "after" }, { ...task, lane: "elsewhere", plan: "after" }] } }, look)!;
  expect(drawing.sheet.rows.map((row) => row.slice(0, 3))).toEqual([["WO 1", "Press", "Before"], ["WO 1", "Press", "After"]]);
});

test("a projection says when stock is below what should be there", () => {
  const days = [["2025-06-01", "10"], ["2025-06-02", "4.99"], ["2025-06-03", "4"], ["2025-06-04", "5"], ["2025-06-05", "-1"]].map(([day, stock]) => ({ day: day!, stock: stock!, receipts: "0", issues: "5" }));
  expect(shortages({ title: "", unit: "pcs", days, safety: "5" })).toEqual([[1, 3], [4, 5]]);
  expect(shortages({ title: "", unit: "pcs", days, safety: null })).toEqual([[4, 5]]);
  expect(projection({ title: "", unit: "pcs", days, safety: "5" }, look).notes).toEqual(["Below the safety stock from 2 Jun 2025."]);
});
