// The points of a chart: which cell of its table is drawn where. The specification itself holds no value.

import { cell, isDecimal } from "./wording.js";

const FORMS = {
  day: /^(\d{4})-(\d\d)-(\d\d)$/, week: /^(\d{4})-W(\d\d)$/, month: /^(\d{4})-(\d\d)(?:-01)?$/,
  quarter: /^(\d{4})-Q([1-4])$/, year: /^(\d{4})$/,
};
const DAY = 86400000;
const GAPS = 60;

const dayNumber = (year, month, day) => Math.round(Date.UTC(year, month - 1, day) / DAY);

/** Number of a period among its like, so that neighbours differ by one; null where the text is none. */
export function ordinal(text, grain) {
  if (typeof text !== "string") return null;
  const found = (grain ? FORMS[grain] : FORMS.day).exec(grain ? text : text.slice(0, 10));
  if (!found) return null;
  const [year, part, day] = found.slice(1).map(Number);
  if (grain === "year") return year;
  if (grain === "quarter") return year * 4 + part - 1;
  if (grain === "month") return year * 12 + part - 1;
  if (grain !== "week") return dayNumber(year, part, day);
  // The week with the fourth of January is the first one.
  const fourth = dayNumber(year, 1, 4);
  const monday = fourth - ((fourth + 3) % 7);
  return Math.floor((monday + 3) / 7) + part - 1;
}

function named(number, grain) {
  const two = (n) => String(n).padStart(2, "0");
  if (grain === "year") return String(number);
  if (grain === "quarter") return `${Math.floor(number / 4)}-Q${(number % 4) + 1}`;
  if (grain === "month") return `${Math.floor(number / 12)}-${two((number % 12) + 1)}`;
  if (grain !== "week") return new Date(number * DAY).toISOString().slice(0, 10);
  const thursday = new Date((number * 7) * DAY);
  const first = ordinal(`${thursday.getUTCFullYear()}-W01`, "week");
  return `${thursday.getUTCFullYear()}-W${two(number - first + 1)}`;
}

const keyOf = (value) => (value === null || value === undefined ? "–" : value === true ? "yes" : value === false ? "no" : value);

/** Exact sum of decimal strings, as a decimal string. */
export function sum(texts) {
  const places = Math.max(0, ...texts.map((text) => text.split(".")[1]?.length ?? 0));
  const scaled = texts.reduce((total, text) => {
    const [whole, fraction = ""] = text.replace("-", "").split(".");
    const size = BigInt(whole + fraction.padEnd(places, "0"));
    return text.startsWith("-") ? total - size : total + size;
  }, 0n);
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(places + 1, "0");
  const head = digits.slice(0, digits.length - places);
  const tail = places ? digits.slice(-places).replace(/0+$/, "") : "";
  return (scaled < 0n ? "-" : "") + head + (tail ? `.${tail}` : "");
}

function slotsOf(spec, table, rows) {
  const x = spec.x.columns.map((name) => table.names.indexOf(name));
  const places = new Map();
  for (const r of rows) {
    const row = table.rows[r];
    const label = x.map((i) => cell(row[i], table.kinds[i] === "flag" ? "flag" : "text")).join(", ");
    const first = row[x[0]];
    const at = spec.x.type === "time" ? ordinal(first, spec.x.grain) : spec.x.type === "number" ? (isDecimal(first) ? Number(first) : null) : places.size;
    if (at === null) continue;
    // Two things of one name stand apart, unless a second column tells the series apart.
    const key = spec.split.length || spec.x.type === "time" ? label : r;
    if (!places.has(key)) places.set(key, { label, at, rows: [] });
    places.get(key).rows.push(r);
  }
  const slots = [...places.values()];
  if (!spec.gaps || slots.length < 2) return slots;
  const there = new Set(slots.map((slot) => slot.at));
  const absent = [];
  for (let number = Math.min(...there); number < Math.max(...there) && absent.length <= GAPS; number += 1) {
    if (!there.has(number)) absent.push({ label: named(number, spec.x.grain), at: number, rows: [] });
  }
  return absent.length > GAPS ? slots : [...slots, ...absent];
}

/** Places along the axis, and the points of each series with the row whose value they are. */
export function drawn(spec, table) {
  const columns = spec.series.map((one) => table.names.indexOf(one.column));
  const split = spec.split.map((name) => table.names.indexOf(name));
  const only = spec.only ? table.names.indexOf(spec.only.column) : -1;
  const rows = table.rows.map((_, r) => r).filter((r) => only < 0 || table.rows[r][only] === spec.only.value);
  const slots = slotsOf(spec, table, rows);
  const size = (slot) => slot.rows.map((r) => table.rows[r][columns[0]]).filter(isDecimal).reduce((a, text) => a + Number(text), 0);
  const empty = (slot) => !slot.rows.some((r) => isDecimal(table.rows[r][columns[0]]));
  if (spec.sort === "value") slots.sort((a, b) => empty(a) - empty(b) || size(b) - size(a));
  if (spec.sort === "x") slots.sort((a, b) => a.at - b.at);
  const kept = spec.most === null ? slots : slots.slice(0, spec.most);
  if (spec.x.type === "category") kept.forEach((slot, s) => { slot.at = s; });
  const series = spec.series.map((one, k) => {
    const belongs = (row) => !one.of.length || split.every((i, n) => keyOf(row[i]) === one.of[n]);
    const points = [];
    kept.forEach((slot, s) => {
      const r = slot.rows.find((candidate) => isDecimal(table.rows[candidate][columns[k]]) && belongs(table.rows[candidate]));
      if (r !== undefined) points.push({ slot: s, row: r, text: table.rows[r][columns[k]], value: Number(table.rows[r][columns[k]]) });
    });
    return { spec: one, kind: table.kinds[columns[k]], points };
  });
  const rest = slots.slice(kept.length).flatMap((slot) => slot.rows);
  return { slots: kept, series, rest: rest.map((r) => table.rows[r][columns[0]]) };
}

/** First period that the data does not cover in full; empty where there is none. */
export const openFrom = (spec) => spec.notes.find((note) => note.code === "incomplete")?.at ?? "";

/** The mean of the first series' points. */
export function mean(drawing) {
  const { points } = drawing.series[0];
  return points.length ? Number(sum(points.map((point) => point.text))) / points.length : null;
}
