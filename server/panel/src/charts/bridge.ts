// A bridge: from a start through steps up and down to an end, each step beginning where the one before it ended.

import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from "echarts";
import { titled } from "../language/characters";
import { isDecimal, number, sum } from "../language/numbers";
import type { Bridge } from "./forms";
import { clipped, exact, frame, nameAxis, valueAxis, type Drawing, type Look } from "./look";

export interface Stretch {
  label: string;
  from: string;
  to: string;
  /** The exact amount of the step, or the total where the bar stands on zero. */
  amount: string;
  role: "total" | "up" | "down" | "good" | "bad";
}

/** The bars of a bridge; exact, so that the last one is the sum of all before it. */
export function stretches(data: Bridge): Stretch[] {
  const made: Stretch[] = [];
  let at = "0";
  if (data.start && isDecimal(data.start.value)) {
    at = data.start.value;
    made.push({ label: data.start.label, from: "0", to: at, amount: at, role: "total" });
  }
  for (const step of data.steps) {
    if (!isDecimal(step.value)) continue;
    const to = sum([at, step.value]);
    const role = step.isGood === null ? (step.value.startsWith("-") ? "down" : "up") : step.isGood ? "good" : "bad";
    made.push({ label: step.label, from: at, to, amount: step.value, role });
    at = to;
  }
  made.push({ label: data.end, from: "0", to: at, amount: at, role: "total" });
  return made;
}

const colours = (look: Look): Record<Stretch["role"], string> => ({
  total: look.soft,
  up: look.series[0] ?? look.ink,
  down: look.series[1] ?? look.ink,
  good: look.good,
  bad: look.bad,
});

const WIDE = { row: 28, bar: 16 };
/** Names stand over their bars where there is no room beside them. */
const NARROW = { row: 42, bar: 12 };

export function bridge(data: Bridge, look: Look): Drawing {
  const bars = stretches(data);
  const colour = colours(look);
  const signed = (bar: Stretch): string => (bar.role !== "total" && !bar.amount.startsWith("-") ? "+" : "") + number(bar.amount, data.kind, look.spoken);
  const { row, bar: thick } = look.isNarrow ? NARROW : WIDE;
  const draw = (_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI): unknown => {
    const bar = bars[api.value(1) as number]!;
    const [x0 = 0, y = 0] = api.coord([Number(bar.from), api.value(1)]);
    const [x1 = 0] = api.coord([Number(bar.to), api.value(1)]);
    const left = Math.min(x0, x1);
    const width = Math.max(1.5, Math.abs(x1 - x0));
    const next = bars[(api.value(1) as number) + 1];
    const [, below = y] = api.coord([0, (api.value(1) as number) + 1]);
    const middle = look.isNarrow ? y + 9 : y;
    const amount = { text: signed(bar), fill: look.ink, font: `12px ${look.font}`, textVerticalAlign: "middle", ...(look.isNarrow ? { backgroundColor: look.sheet, padding: [1, 3] } : {}) };
    const children: unknown[] = [{ type: "rect", shape: { x: left, y: middle - thick / 2, width, height: thick, r: 2 }, style: { fill: colour[bar.role] } }];
    if (look.isNarrow) {
      const name = clipped(titled(bar.label), Math.floor((look.width - amount.text.length * 7 - 24) / 6.6));
      children.push({ type: "text", style: { ...amount, text: name, x: 2, y: y - 10 } }, { type: "text", style: { ...amount, x: look.width - 4, y: y - 10, textAlign: "right" } });
    } else children.push({ type: "text", style: { ...amount, x: left + width + 6, y } });
    // The hair line that carries one step's end to the next one's beginning.
    if (next) children.push({ type: "line", shape: { x1, y1: middle + thick / 2, x2: x1, y2: middle + below - y - thick / 2 }, style: { stroke: look.soft, lineDash: [2, 2], lineWidth: 1 } });
    return { type: "group", children };
  };
  return {
    title: data.title,
    unit: data.unit,
    height: bars.length * row + 36,
    notes: [],
    sheet: {
      title: data.title,
      columns: [look.texts.step, look.texts.value],
      names: ["step", "value"],
      kinds: ["text", data.kind],
      units: ["", data.unit],
      rows: bars.map((bar) => [bar.label, bar.amount]),
      truncated: false,
      total_rows: null,
      restates: true,
    },
    option: {
      ...frame(look),
      grid: { top: 6, left: 0, right: look.isNarrow ? 4 : 84, bottom: 4, containLabel: true },
      tooltip: { ...(frame(look)["tooltip"] as object), trigger: "item", formatter: ({ dataIndex }: { dataIndex: number }) => `${bars[dataIndex]?.label ?? ""}\n${exact(bars[dataIndex]?.amount ?? "", data.kind, data.unit, look.spoken)}` },
      xAxis: valueAxis(look, { splitLine: { show: !look.isNarrow, lineStyle: { color: look.line } } }),
      yAxis: nameAxis(look, bars.map((bar) => bar.label), { inverse: true, axisLine: { show: !look.isNarrow, lineStyle: { color: look.soft } }, axisLabel: { show: !look.isNarrow, color: look.ink, formatter: (name: string) => clipped(titled(name), 34), interval: 0 } }),
      series: [{ type: "custom", renderItem: draw, encode: { x: [0, 2], y: 1 }, data: bars.map((bar, i) => [Number(bar.from), i, Number(bar.to)]) }],
    },
  };
}
