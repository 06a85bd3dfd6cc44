// Every form of chart draws what its data says, to the digit.

import { expect, test } from "vitest";
import { stretches } from "../src/charts/bridge";
import { isTelling, ofAnswer, type Bridge } from "../src/charts/forms";
import { tracksOf } from "../src/charts/gantt";
import { clippedWithin, type Look } from "../src/charts/look";
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
  const task = { label: "WO 1", lane: "Press", start: "2025-06-02T06:00:00Z", end: "2025-06-02T10:00:00Z", isMoved: false };
  const drawing = drawingOf({ form: "gantt", spoken: "en", data: { title: "Plan", lanes: ["Press"], now: null, tasks: [{ ...task, plan: "before" }, { ...task, plan: "after" }, { ...task, lane: "elsewhere", plan: "after" }] } }, look)!;
  expect(drawing.sheet.rows.map((row) => row.slice(0, 3))).toEqual([["WO 1", "Press", "Before"], ["WO 1", "Press", "After"]]);
});

const PLANS = {
  columns: ["Work centre", "Plan", "Work order", "Operation", "Start", "End", "Moved"],
  names: ["work_centre", "plan", "order_id", "operation", "start", "end", "moved"],
  kinds: ["text", "text", "id", "id", "date", "date", "flag"],
  rows: [
    ["Press", "vorher", "700", "10", "2026-03-29 01:30", "2026-03-29 04:00", true],
    ["Press", "nachher", "700", "10", "2026-03-30 06:00", "2026-03-30 08:30", true],
    ["Press", "nachher", "701", "20", "2026-03-30 07:00", "2026-03-30 09:00", false],
    ["Press", "nachher", "702", "20", null, "2026-03-30 09:00", false],
  ],
  units: ["", "", "", "", "", "", ""],
};
const GANTT = { kind: "gantt", table: 0, title: "plan before and after", x: { columns: ["start", "end"], type: "time", label: "Time", unit: "", grain: null }, series: [], split: ["plan"], only: null, lines: [], notes: [{ code: "data_as_of", words: "data as of [[day]]", at: "", evidence: "ev_1" }], asked: true, gantt: { row: "work_centre", start: "start", end: "end", label: "order_id", part: "operation", plan: "plan", moved: "moved", before: "vorher", after: "nachher" } };

test("an answer's plans are drawn by the plant's clocks, whatever the reader's time zone", () => {
  const answer = { tables: [PLANS], evidence: [{ id: "ev_1", data_as_of: "2026-03-31" }], language: "en" } as unknown as Answer;
  const spec = GANTT as unknown as Answer["charts"][number];
  const drawing = drawingOf(ofAnswer(spec, answer), look)!;
  expect(drawing.sheet.rows).toEqual([
    ["700/10", "Press", "Before", "29 Mar 2026, 01:30", "29 Mar 2026, 04:00", true],
    ["700/10", "Press", "After", "30 Mar 2026, 06:00", "30 Mar 2026, 08:30", true],
    ["701/20", "Press", "After", "30 Mar 2026, 07:00", "30 Mar 2026, 09:00", false],
  ]);
  expect(drawing.notes.at(-1)).toBe("data as of 2026-03-31");
  expect(drawingOf(ofAnswer({ ...spec, gantt: { ...spec.gantt!, plan: "absent" } }, answer), look)).toBeNull();
});

test("operations that overlap on one resource lie beside each other", () => {
  const task = { label: "", lane: "Press", plan: "after" as const, isMoved: false };
  const at = (start: string, end: string) => ({ ...task, start: `2026-03-30 ${start}`, end: `2026-03-30 ${end}` });
  expect(tracksOf([at("08:00", "10:00"), at("06:00", "09:00"), at("09:00", "11:00"), at("08:30", "12:00")])).toEqual([1, 0, 0, 2]);
});

test("bridges, plans and trends are drawn at once, and rankings wait for a click", () => {
  const telling = (more: object): boolean => isTelling({ ...GANTT, asked: false, ...more } as unknown as Answer["charts"][number]);
  expect([telling({}), telling({ kind: "waterfall" }), telling({ kind: "line" }), telling({ kind: "bar" })]).toEqual([true, true, true, false]);
});

test("a projection says when stock is below what should be there", () => {
  const days = [["2025-06-01", "10"], ["2025-06-02", "4.99"], ["2025-06-03", "4"], ["2025-06-04", "5"], ["2025-06-05", "-1"]].map(([day, stock]) => ({ day: day!, stock: stock!, receipts: "0", issues: "5" }));
  expect(shortages({ title: "", unit: "pcs", days, safety: "5" })).toEqual([[1, 3], [4, 5]]);
  expect(shortages({ title: "", unit: "pcs", days, safety: null })).toEqual([[4, 5]]);
  expect(projection({ title: "", unit: "pcs", days, safety: "5" }, look).notes).toEqual(["Below the safety stock from 2 Jun 2025."]);
});

test("a long name keeps what tells it from the next one", () => {
  expect([clippedWithin("Hydraulic press 1 (P1)", 14), clippedWithin("Hydraulic press 2 (P2)", 14)]).toEqual(["Hydrau…1 (P1)", "Hydrau…2 (P2)"]);
  expect(clippedWithin("Press 1", 14)).toBe("Press 1");
});
