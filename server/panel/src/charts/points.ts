// The points of a chart: which cell of its table is drawn where. The specification itself holds no value.

import type { Answer, Cell, ChartSeries, ChartSpec, Grain, Spoken, Table } from "../connection/records";
import { plain, titled } from "../language/characters";
import { month, when } from "../language/dates";
import { cell, isDecimal, number, sum } from "../language/numbers";

const FORMS: Record<Grain, RegExp> = {
  day: /^(\d{4})-(\d\d)-(\d\d)$/,
  week: /^(\d{4})-W(\d\d)$/,
  month: /^(\d{4})-(\d\d)(?:-01)?$/,
  quarter: /^(\d{4})-Q([1-4])$/,
  year: /^(\d{4})$/,
};
const DAY = 86_400_000;
const GAPS = 60;

export interface Point {
  slot: number;
  row: number;
  /** The exact decimal string. */
  text: string;
  value: number;
}

export interface Slot {
  label: string;
  /** The same for people: a month or day as their language writes it. */
  shown: string;
  at: number;
  rows: number[];
}

export interface Line {
  spec: ChartSeries;
  kind: string;
  points: Point[];
}

export interface Points {
  slots: Slot[];
  series: Line[];
  /** Values of what is not drawn. */
  rest: string[];
}

const dayNumber = (year: number, month: number, day: number): number => Math.round(Date.UTC(year, month - 1, day) / DAY);

/** Number of a period among its like, so that neighbours differ by one; null where the text is none. */
export function ordinal(text: Cell | undefined, grain: Grain | null): number | null {
  if (typeof text !== "string") return null;
  const found = FORMS[grain ?? "day"].exec(grain ? text : text.slice(0, 10));
  if (!found) return null;
  const [year = 0, part = 0, day = 0] = found.slice(1).map(Number);
  switch (grain) {
    case "year":
      return year;
    case "quarter":
      return year * 4 + part - 1;
    case "month":
      return year * 12 + part - 1;
    case "week": {
      // The week with the fourth of January is the first one.
      const fourth = dayNumber(year, 1, 4);
      const monday = fourth - ((fourth + 3) % 7);
      return Math.floor((monday + 3) / 7) + part - 1;
    }
    default:
      return dayNumber(year, part, day);
  }
}

function named(at: number, grain: Grain | null): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  if (grain === "year") return String(at);
  if (grain === "quarter") return `${Math.floor(at / 4)}-Q${(at % 4) + 1}`;
  if (grain === "month") return `${Math.floor(at / 12)}-${two((at % 12) + 1)}`;
  if (grain !== "week") return new Date(at * DAY).toISOString().slice(0, 10);
  const thursday = new Date(at * 7 * DAY);
  const first = ordinal(`${thursday.getUTCFullYear()}-W01`, "week") ?? at;
  return `${thursday.getUTCFullYear()}-W${two(at - first + 1)}`;
}

function shownAs(label: string, spec: ChartSpec, spoken: Spoken): string {
  if (spec.x.type !== "time") return label;
  if (spec.x.grain === "month") return month(label, spoken);
  return spec.x.grain === null || spec.x.grain === "day" ? when(label, spoken) : label;
}

const keyOf = (value: Cell | undefined): string => (value === null || value === undefined ? "–" : value === true ? "yes" : value === false ? "no" : value);

function slotsOf(spec: ChartSpec, table: Table, rows: number[], spoken: Spoken): Slot[] {
  const x = spec.x.columns.map((name) => table.names.indexOf(name));
  const places = new Map<string | number, Slot>();
  for (const r of rows) {
    const row = table.rows[r]!;
    const label = x.map((i) => cell(row[i], table.kinds[i] === "flag" ? "flag" : "text", spoken)).join(", ");
    const first = row[x[0]!];
    const at = spec.x.type === "time" ? ordinal(first, spec.x.grain) : spec.x.type === "number" ? (isDecimal(first) ? Number(first) : null) : places.size;
    if (at === null) continue;
    // Two things of one name stand apart, unless a second column tells the series apart.
    const key = spec.split.length || spec.x.type === "time" ? label : r;
    const slot = places.get(key) ?? { label, shown: shownAs(label, spec, spoken), at, rows: [] };
    places.set(key, slot);
    slot.rows.push(r);
  }
  const slots = [...places.values()];
  if (!spec.gaps || slots.length < 2) return slots;
  const there = new Set(slots.map((slot) => slot.at));
  const absent: Slot[] = [];
  for (let at = Math.min(...there); at < Math.max(...there) && absent.length <= GAPS; at += 1) {
    if (there.has(at)) continue;
    const label = named(at, spec.x.grain);
    absent.push({ label, shown: shownAs(label, spec, spoken), at, rows: [] });
  }
  return absent.length > GAPS ? slots : [...slots, ...absent];
}

/** True where the table has every column that the specification draws. */
export function fits(spec: ChartSpec, table: Table | undefined): table is Table {
  return table !== undefined && [...spec.x.columns, ...spec.split, ...spec.series.map((one) => one.column)].every((name) => table.names.includes(name));
}

/** Places along the axis, and the points of each series with the row whose value they are. */
export function pointsOf(spec: ChartSpec, table: Table, spoken: Spoken): Points {
  const columns = spec.series.map((one) => table.names.indexOf(one.column));
  const split = spec.split.map((name) => table.names.indexOf(name));
  const only = spec.only ? table.names.indexOf(spec.only.column) : -1;
  const rows = table.rows.map((_, r) => r).filter((r) => only < 0 || table.rows[r]![only] === spec.only?.value);
  const slots = slotsOf(spec, table, rows, spoken);
  const values = (slot: Slot): string[] => slot.rows.map((r) => table.rows[r]![columns[0]!]).filter(isDecimal);
  const size = (slot: Slot): number => values(slot).reduce((total, text) => total + Number(text), 0);
  if (spec.sort === "value") slots.sort((a, b) => Number(!values(a).length) - Number(!values(b).length) || size(b) - size(a));
  if (spec.sort === "x") slots.sort((a, b) => a.at - b.at);
  const kept = spec.most === null ? slots : slots.slice(0, spec.most);
  const series = spec.series.map((one, k) => {
    const at = columns[k]!;
    const belongs = (row: Cell[]): boolean => !one.of.length || split.every((i, n) => keyOf(row[i]) === one.of[n]);
    const points: Point[] = [];
    kept.forEach((slot, s) => {
      const r = slot.rows.find((candidate) => isDecimal(table.rows[candidate]![at]) && belongs(table.rows[candidate]!));
      const text = r === undefined ? null : table.rows[r]![at];
      if (r !== undefined && isDecimal(text)) points.push({ slot: s, row: r, text, value: Number(text) });
    });
    return { spec: one, kind: table.kinds[at] ?? "quantity", points };
  });
  const rest = slots.slice(kept.length).flatMap((slot) => slot.rows).map((r) => table.rows[r]![columns[0]!]).filter(isDecimal);
  return { slots: kept, series, rest };
}

/** First period that the data does not cover in full; empty where there is none. */
export const openFrom = (spec: ChartSpec): string => spec.notes.find((note) => note.code === "incomplete")?.at ?? "";

/** The mean of the first series' points. */
export function meanOf(points: Points): number | null {
  const first = points.series[0]?.points ?? [];
  return first.length ? Number(sum(first.map((point) => point.text))) / first.length : null;
}

/** The remarks of a specification with these figures, and the day of their evidence, in their places. */
export const wordsOf = (spec: ChartSpec, answer: Answer, figures: Record<string, string>): string[] =>
  spec.notes.map((note) => {
    const values: Record<string, string> = { ...figures, day: (answer.evidence.find((one) => one.id === note.evidence)?.data_as_of ?? "–").slice(0, 10) };
    return plain(note.words).replace(/\[\[(\w+)\]\]/g, (_, name: string) => values[name] ?? "–");
  });

/** The remarks with the figures that they refer to, and the mean where it is drawn. */
export function notesOf(spec: ChartSpec, answer: Answer, points: Points): string[] {
  const first = points.series[0];
  if (!first) return [];
  const spoken = answer.language;
  const unit = plain(first.spec.unit);
  const said = wordsOf(spec, answer, {
    number: number(String(points.rest.length), "count", spoken),
    sum: first.spec.adds_up ? `${number(sum(points.rest), first.kind, spoken)} ${unit}`.trim() : "–",
  });
  for (const line of spec.lines) {
    const mean = meanOf(points);
    if (line.kind === "average" && mean !== null) said.push(`${plain(line.words)}: ${number(mean.toFixed(4), first.kind, spoken)} ${unit}`.trim());
  }
  return said;
}

/** The drawn points as a table, for whoever does not see the drawing. */
export function sheetOf(spec: ChartSpec, points: Points): Table {
  const [first] = points.series;
  return {
    title: titled(spec.title),
    columns: [spec.x.label, ...points.series.map((one) => one.spec.label)],
    names: [spec.x.grain === "month" ? "month" : "x", ...points.series.map((_, k) => `s${k}`)],
    kinds: [spec.x.type === "time" && (spec.x.grain ?? "day") === "day" ? "date" : "text", ...points.series.map((one) => one.kind)],
    units: [spec.x.unit, ...points.series.map((one) => one.spec.unit || (first?.spec.unit ?? ""))],
    rows: points.slots.map((slot, s) => [slot.label, ...points.series.map((one) => one.points.find((point) => point.slot === s)?.text ?? null)]),
    truncated: false,
    total_rows: null,
    restates: true,
  };
}
