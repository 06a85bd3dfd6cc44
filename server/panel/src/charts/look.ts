// Colours, type and words that a drawing is made with.

import type { EChartsCoreOption } from "echarts/core";
import type { Spoken, Table } from "../connection/records";
import { localeOf, number } from "../language/numbers";
import type { Texts } from "../language/texts";
import { SERIES } from "../theme/tokens";

export interface Look {
  ink: string;
  soft: string;
  line: string;
  sheet: string;
  good: string;
  bad: string;
  warn: string;
  series: string[];
  font: string;
  texts: Texts["chart"];
  spoken: Spoken;
  width: number;
  isNarrow: boolean;
}

/** What a form makes of its data. */
export interface Drawing {
  title: string;
  unit: string;
  option: EChartsCoreOption;
  height: number;
  /** The same values as a table. */
  sheet: Table;
  notes: string[];
}

/** The look of the place where the drawing stands. */
export function lookOf(place: HTMLElement, texts: Texts["chart"], spoken: Spoken, width: number): Look {
  const style = getComputedStyle(place);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ink: value("--pw-ink"),
    soft: value("--pw-soft"),
    line: value("--pw-line"),
    sheet: value("--pw-sheet"),
    good: value("--pw-good"),
    bad: value("--pw-bad"),
    warn: value("--pw-warn"),
    series: SERIES.map(value),
    font: style.fontFamily,
    texts,
    spoken,
    width,
    isNarrow: width < 480,
  };
}

/** A tick as people write it, short: `15K`, `1,5 Mio.`. */
export function tick(value: number, spoken: Spoken): string {
  const form = new Intl.NumberFormat(localeOf(spoken), Math.abs(value) >= 10_000 ? { notation: "compact", maximumFractionDigits: 2 } : { maximumFractionDigits: 6 });
  return form.format(value).replace("-", "\u2212");
}

/** An exact value with its unit. */
export function exact(text: string, kind: string, unit: string, spoken: Spoken): string {
  return `${number(text, kind, spoken)} ${unit}`.trim();
}

const CLIP = 28;
export const clipped = (text: string, length = CLIP): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

/** The same with its end kept: what tells `Press 1 (P1)` from `Press 2 (P2)` stands there. */
export function clippedWithin(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = Math.ceil((length - 1) / 2);
  return `${text.slice(0, length - 1 - end).trimEnd()}…${text.slice(-end).trimStart()}`;
}

/** What every drawing has: type, no movement, a tooltip that is drawn and never HTML. */
export function frame(look: Look): EChartsCoreOption {
  return {
    animation: false,
    textStyle: { fontFamily: look.font, color: look.soft, fontSize: 12 },
    color: look.series,
    tooltip: {
      renderMode: "richText",
      confine: true,
      backgroundColor: look.ink,
      borderWidth: 0,
      padding: [6, 10],
      textStyle: { color: look.sheet, fontSize: 12.5, fontFamily: look.font },
      axisPointer: { type: "line", lineStyle: { color: look.soft } },
    },
  };
}

const axisLook = (look: Look): Record<string, unknown> => ({
  axisLine: { lineStyle: { color: look.soft } },
  axisTick: { show: false },
  axisLabel: { color: look.soft, hideOverlap: true },
});

/** An axis of values with quiet rules. */
export function valueAxis(look: Look, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: "value",
    ...axisLook(look),
    axisLine: { show: false },
    splitLine: { lineStyle: { color: look.line } },
    splitNumber: look.isNarrow ? 3 : 5,
    axisLabel: { color: look.soft, hideOverlap: true, formatter: (value: number) => tick(value, look.spoken) },
    ...more,
  };
}

/** An axis of names or periods. */
export function nameAxis(look: Look, names: string[], more: Record<string, unknown> = {}): Record<string, unknown> {
  return { type: "category", data: names, ...axisLook(look), ...more };
}
