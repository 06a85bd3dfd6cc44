// Charts of an answer's table: lines, bars, stacks, points and shares added up.

import type { Answer, ChartSpec } from "../connection/records";
import { plain, titled } from "../language/characters";
import { number, sum } from "../language/numbers";
import { bridge } from "./bridge";
import type { Bridge } from "./forms";
import { gantt } from "./gantt";
import { clipped, exact, frame, nameAxis, valueAxis, type Drawing, type Look } from "./look";
import { plansOf } from "./plans";
import { fits, meanOf, notesOf, openFrom, pointsOf, sheetOf, wordsOf, type Line, type Points } from "./points";

const SYMBOLS = ["circle", "rect", "triangle", "diamond", "roundRect", "arrow"];

/** An answer's chart; null where its table does not have what it draws. */
export function ofSpec(spec: ChartSpec, answer: Answer, look: Look): Drawing | null {
  if (spec.kind === "gantt") {
    const plans = plansOf(spec, answer);
    const drawing = plans && gantt(plans, look);
    return drawing && { ...drawing, notes: [...drawing.notes, ...wordsOf(spec, answer, {})] };
  }
  const table = answer.tables[spec.table];
  if (!fits(spec, table)) return null;
  const points = pointsOf(spec, table, answer.language);
  if (!points.series.some((one) => one.points.length)) return null;
  const base = { title: titled(spec.title), unit: plain(spec.series[0]?.unit ?? ""), sheet: sheetOf(spec, points), notes: notesOf(spec, answer, points) };
  if (spec.kind === "waterfall") return { ...bridge(stepsOf(spec, points, look), look), sheet: base.sheet, notes: base.notes };
  const isAcross = spec.x.type !== "time" && (spec.kind === "bar" || spec.kind === "stacked" || spec.kind === "pareto");
  if (isAcross) return { ...base, ...across(spec, points, look) };
  if (spec.kind === "scatter") return { ...base, ...scattered(spec, points, look) };
  return { ...base, ...overTime(spec, points, look) };
}

function stepsOf(spec: ChartSpec, points: Points, look: Look): Bridge {
  const [one] = points.series;
  const steps = (one?.points ?? []).map((point) => ({ label: points.slots[point.slot]!.shown, value: point.text, isGood: null }));
  if (points.rest.length) steps.push({ label: look.texts.rest, value: sum(points.rest), isGood: null });
  return { title: titled(spec.title), unit: plain(one?.spec.unit ?? ""), kind: one?.kind === "money" ? "money" : "quantity", start: null, steps, end: look.texts.total };
}

/** Values along the slots, with null where there is no point. */
const along = (points: Points, one: Line): (number | null)[] => points.slots.map((_, s) => one.points.find((point) => point.slot === s)?.value ?? null);

/** What a place says: its name, then each series with its exact value. */
function said(points: Points, slot: number, look: Look): string {
  const lines = points.series.flatMap((one) => {
    const point = one.points.find((other) => other.slot === slot);
    return point ? [`${points.series.length > 1 ? `${plain(one.spec.label)}: ` : ""}${exact(point.text, one.kind, plain(one.spec.unit), look.spoken)}`] : [];
  });
  return [points.slots[slot]?.shown ?? "", ...lines].join("\n");
}

function legend(points: Points, look: Look): Record<string, unknown> {
  const isShown = points.series.length > 1;
  return { show: isShown, type: "scroll", top: 0, left: 0, textStyle: { color: look.ink, fontSize: 12 }, itemWidth: 18, itemHeight: 10, data: points.series.map((one) => plain(one.spec.label)) };
}

function average(spec: ChartSpec, points: Points, look: Look, isAcross: boolean): Record<string, unknown> | undefined {
  const mean = spec.lines.some((line) => line.kind === "average") ? meanOf(points) : null;
  if (mean === null) return undefined;
  return { silent: true, symbol: "none", label: { formatter: look.texts.mean, color: look.soft }, lineStyle: { color: look.soft, type: "dashed" }, data: [isAcross ? { xAxis: mean } : { yAxis: mean }] };
}

/** Not by colour alone: several series differ by pattern or by sign too. */
const patterned = (points: Points): Record<string, unknown> => ({ enabled: true, label: { enabled: false }, decal: { show: points.series.length > 1 } });

function across(spec: ChartSpec, points: Points, look: Look): Pick<Drawing, "option" | "height"> {
  const isPareto = spec.kind === "pareto";
  const bars = isPareto ? points.series.slice(0, 1) : points.series;
  const beside = spec.kind === "bar" ? bars.length : 1;
  const names = points.slots.map((slot) => slot.label);
  const isStacked = spec.kind === "stacked";
  const series: Record<string, unknown>[] = bars.map((one, k) => ({
    name: plain(one.spec.label),
    type: "bar",
    data: along(points, one),
    barMaxWidth: 18,
    barGap: "10%",
    itemStyle: { borderRadius: isStacked ? 0 : 2 },
    ...(isStacked ? { stack: "all" } : {}),
    markLine: k === 0 ? average(spec, points, look, true) : undefined,
    label: isStacked
      ? { show: false }
      : { show: beside === 1, position: "right", color: look.ink, fontSize: 12, formatter: ({ dataIndex }: { dataIndex: number }) => number(one.points.find((point) => point.slot === dataIndex)?.text ?? "–", one.kind, look.spoken) },
  }));
  if (isPareto) {
    series.push({ name: look.texts.share, type: "line", xAxisIndex: 1, data: added(points), symbol: "circle", symbolSize: 6, color: look.series[1], lineStyle: { width: 2 } });
  }
  return {
    height: names.length * (16 * beside + 9) + (bars.length > 1 || isPareto ? 74 : 40),
    option: {
      ...frame(look),
      aria: patterned(points),
      legend: isPareto ? { ...legend(points, look), show: true, data: [plain(bars[0]?.spec.label ?? ""), look.texts.share] } : legend(points, look),
      grid: { top: (bars.length > 1 || isPareto ? 30 : 6) + (isPareto ? 20 : 0), left: 0, right: isStacked ? 20 : 64, bottom: 4, containLabel: true },
      tooltip: { ...(frame(look)["tooltip"] as object), trigger: "item", formatter: ({ dataIndex }: { dataIndex: number }) => said(points, dataIndex, look) },
      xAxis: isPareto ? [valueAxis(look), valueAxis(look, { min: 0, max: 100, position: "top", splitLine: { show: false }, axisLabel: { color: look.soft, formatter: (value: number) => `${value} %` } })] : valueAxis(look),
      yAxis: nameAxis(look, names, { inverse: true, axisLabel: { color: look.ink, formatter: (name: string) => clipped(name, look.isNarrow ? 16 : 34), interval: 0 } }),
      series,
    },
  };
}

/** The shares added up, in percent of the whole. */
function added(points: Points): number[] {
  const [bars, shares] = points.series;
  if (!bars) return [];
  const of = shares ?? bars;
  const isOwn = !shares || (shares.spec.column === bars.spec.column && bars.spec.unit !== "%");
  const all = isOwn ? Number(sum([...of.points.map((point) => point.text), ...points.rest])) : 100;
  const done: string[] = [];
  return of.points.map((point) => {
    done.push(point.text);
    return all ? (Number(sum(done)) / all) * 100 : 0;
  });
}

function overTime(spec: ChartSpec, points: Points, look: Look): Pick<Drawing, "option" | "height"> {
  const names = points.slots.map((slot) => slot.shown);
  const open = openFrom(spec);
  const isOpen = (slot: number): boolean => open !== "" && (points.slots[slot]?.label ?? "") >= open;
  const isLine = spec.kind === "line";
  const isDense = names.length > 60;
  const series = points.series.map((one, k) => ({
    name: plain(one.spec.label),
    type: isLine ? "line" : "bar",
    data: along(points, one).map((value, s) => (isOpen(s) ? { value, itemStyle: hollow(look, k) } : value)),
    markLine: k === 0 ? average(spec, points, look, false) : undefined,
    ...(isLine ? { symbol: SYMBOLS[k % SYMBOLS.length], symbolSize: isDense ? 3 : 7, lineStyle: { width: 2 }, connectNulls: !spec.gaps } : { barMaxWidth: 34, itemStyle: { borderRadius: spec.kind === "stacked" ? 0 : 2 } }),
    ...(spec.kind === "stacked" ? { stack: "all" } : {}),
  }));
  return {
    height: look.isNarrow ? 230 : 290,
    option: {
      ...frame(look),
      aria: patterned(points),
      legend: legend(points, look),
      grid: { top: points.series.length > 1 ? 34 : 12, left: 0, right: 30, bottom: 4, containLabel: true },
      tooltip: { ...(frame(look)["tooltip"] as object), trigger: "axis", formatter: (shown: { dataIndex: number }[]) => said(points, shown[0]?.dataIndex ?? 0, look) },
      xAxis: nameAxis(look, names, { boundaryGap: !isLine }),
      yAxis: spec.scale === "log" ? valueAxis(look, { type: "log" }) : valueAxis(look, isLine ? { scale: nearFrom(points) } : {}),
      series,
    },
  };
}

/** A period that the data does not cover in full is drawn hollow. */
const hollow = (look: Look, k: number): Record<string, unknown> => ({ color: look.sheet, borderColor: look.series[k % look.series.length], borderWidth: 1.5, decal: { symbol: "none" } });

/** A line whose values reach down near zero says more with the zero in sight. */
function nearFrom(points: Points): boolean {
  const values = points.series.flatMap((one) => one.points.map((point) => point.value));
  return Math.min(...values) > 0.6 * Math.max(...values);
}

function scattered(spec: ChartSpec, points: Points, look: Look): Pick<Drawing, "option" | "height"> {
  const series = points.series.map((one, k) => ({
    name: plain(one.spec.label),
    type: "scatter",
    symbol: SYMBOLS[k % SYMBOLS.length],
    symbolSize: 9,
    data: one.points.map((point) => ({ value: [points.slots[point.slot]!.at, point.value], slot: point.slot })),
    markLine: k === 0 ? average(spec, points, look, false) : undefined,
  }));
  return {
    height: look.isNarrow ? 240 : 310,
    option: {
      ...frame(look),
      aria: patterned(points),
      legend: legend(points, look),
      grid: { top: points.series.length > 1 ? 34 : 12, left: 0, right: 18, bottom: 22, containLabel: true },
      tooltip: { ...(frame(look)["tooltip"] as object), trigger: "item", formatter: ({ data }: { data: { slot: number } }) => said(points, data.slot, look) },
      xAxis: valueAxis(look, { scale: true, name: `${titled(spec.x.label)}${spec.x.unit ? `, ${plain(spec.x.unit)}` : ""}`, nameLocation: "middle", nameGap: 26, nameTextStyle: { color: look.soft } }),
      yAxis: spec.scale === "log" ? valueAxis(look, { type: "log" }) : valueAxis(look, { scale: true }),
      series,
    },
  };
}
