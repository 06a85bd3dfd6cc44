// A bar or line chart of an answer's first table, as inline SVG.

import { svg } from "./dom.js";
import { cell, isDecimal, number } from "./wording.js";

const WIDEST = 720;
const NARROWEST = 280;
const BARS = 24;
const POINTS = 400;
const SERIES = 3;

function niceStep(span, count) {
  const raw = span / count;
  const size = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 2.5, 5, 10].map((m) => m * size).find((step) => step >= raw);
}

function scale(values) {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const step = niceStep(high - low || 1, 4);
  const from = Math.floor(low / step) * step;
  const ticks = [];
  for (let i = 0; from + i * step <= high + step * 0.999; i += 1) ticks.push(from + i * step);
  return { from, to: ticks[ticks.length - 1], ticks };
}

function short(value) {
  const size = Math.abs(value);
  for (const [unit, suffix] of [[1e9, " bn"], [1e6, " m"], [1e3, " k"]]) {
    if (size >= unit) return `${+(value / unit).toPrecision(3)}${suffix}`;
  }
  return String(+value.toPrecision(4));
}

const clipped = (text, length) => (text.length > length ? text.slice(0, length - 1) + "…" : text);

/** The chart for a place of that many pixels, or null where the table has nothing to draw. */
export function chart(spec, table, place) {
  const x = table.names.indexOf(spec.x);
  const ys = spec.y.map((name) => table.names.indexOf(name)).filter((i) => i >= 0);
  if (x < 0 || !ys.length) return null;
  const unit = table.units[ys[0]];
  const shown = ys.filter((i) => table.units[i] === unit).slice(0, SERIES);
  const rows = table.rows.filter((row) => shown.some((i) => isDecimal(row[i])));
  // Amounts in different currencies cannot stand beside each other.
  const currency = table.names.indexOf("currency");
  const mixed = currency >= 0 && new Set(rows.map((row) => row[currency])).size > 1;
  if (rows.length < 2 || mixed) return null;
  const width = Math.max(NARROWEST, Math.min(WIDEST, place));
  const drawn = { table, x, ys: shown, unit, width };
  return spec.form === "line" ? lines(drawn, rows.slice(0, POINTS)) : bars(drawn, rows.slice(0, BARS));
}

function frame(height, drawn, parts) {
  const { table, x, ys } = drawn;
  const label = `${ys.map((i) => table.columns[i]).join(", ")} by ${table.columns[x]}; the table below has the values`;
  return svg("svg", { class: "chart", viewBox: `0 0 ${drawn.width} ${height}`, width: drawn.width, height, role: "img", "aria-label": label }, parts);
}

function tip(drawn, row, i) {
  const { table, x, unit } = drawn;
  return svg("title", {}, `${cell(row[x], table.kinds[x])}: ${number(row[i], table.kinds[i])} ${unit}`.trim());
}

/** Names of the bars; where two would be the same, with the other words of their rows. */
function labels(table, x, rows) {
  const names = rows.map((row) => cell(row[x], table.kinds[x]));
  if (new Set(names).size === names.length) return names;
  const others = table.kinds.map((kind, i) => i).filter((i) => i !== x && table.kinds[i] === "text");
  return rows.map((row, r) => [names[r], ...others.map((i) => cell(row[i], "text"))].join(", "));
}

function bars(drawn, rows) {
  const { table, x, ys, width: whole } = drawn;
  const names = labels(table, x, rows).map((name) => clipped(name, whole < 480 ? 18 : 34));
  const left = 14 + Math.max(...names.map((name) => name.length)) * 6.9;
  const right = whole < 480 ? 62 : 84;
  const thick = ys.length > 1 ? 9 : 15;
  const pitch = thick * ys.length + 8;
  const height = rows.length * pitch + 8;
  const { from, to } = scale(rows.flatMap((row) => ys.map((i) => Number(row[i] ?? 0))));
  const at = (value) => left + ((value - from) / (to - from)) * (whole - left - right);
  const parts = [];
  rows.forEach((row, r) => {
    const top = 4 + r * pitch;
    const middle = top + (thick * ys.length) / 2;
    parts.push(svg("text", { class: "label", x: left - 10, y: middle, "text-anchor": "end", dy: "0.35em" }, names[r]));
    ys.forEach((i, s) => {
      if (!isDecimal(row[i])) return;
      const value = Number(row[i]);
      const start = Math.min(at(0), at(value));
      const y = top + s * thick;
      const width = Math.max(1, Math.abs(at(value) - at(0)));
      parts.push(svg("rect", { class: `series${s}`, x: start, y, width, height: thick - 1, rx: 1.5 }, tip(drawn, row, i)));
      const text = ys.length > 1 && thick < 12 ? short(value) : number(row[i], table.kinds[i]);
      parts.push(svg("text", { class: "value", x: start + width + 6, y: y + thick / 2, dy: "0.35em" }, text));
    });
  });
  parts.push(svg("line", { class: "axis", x1: at(0), x2: at(0), y1: 0, y2: height }));
  return frame(height, drawn, parts);
}

function lines(drawn, rows) {
  const { table, x, ys, width: whole } = drawn;
  const height = whole < 480 ? 190 : 240;
  const edge = { left: 58, right: 16, top: 12, bottom: 28 };
  const { from, to, ticks } = scale(rows.flatMap((row) => ys.filter((i) => isDecimal(row[i])).map((i) => Number(row[i]))));
  const across = (r) => edge.left + (r / (rows.length - 1)) * (whole - edge.left - edge.right);
  const up = (value) => height - edge.bottom - ((value - from) / (to - from)) * (height - edge.top - edge.bottom);
  const parts = ticks.map((tick) => [
    svg("line", { class: tick === 0 ? "axis" : "rule", x1: edge.left, x2: whole - edge.right, y1: up(tick), y2: up(tick) }),
    svg("text", { class: "label", x: edge.left - 8, y: up(tick), dy: "0.35em", "text-anchor": "end" }, short(tick)),
  ]).flat();
  const every = Math.ceil(rows.length / (whole < 480 ? 4 : 8));
  const monthly = table.kinds[x] === "date" && rows.every((row) => /-01$/.test(row[x] || ""));
  rows.forEach((row, r) => {
    if (r % every) return;
    const anchor = r === 0 ? "start" : r === rows.length - 1 ? "end" : "middle";
    const name = clipped(cell(row[x], table.kinds[x]).slice(0, monthly ? 7 : 40), 11);
    parts.push(svg("text", { class: "label", x: across(r), y: height - 8, "text-anchor": anchor }, name));
  });
  ys.forEach((i, s) => {
    let path = "";
    let broken = true;
    rows.forEach((row, r) => {
      if (!isDecimal(row[i])) {
        broken = true;
        return;
      }
      path += `${broken ? "M" : "L"}${across(r).toFixed(1)},${up(Number(row[i])).toFixed(1)}`;
      broken = false;
    });
    parts.push(svg("path", { class: `line${s}`, d: path }));
    if (rows.length > 60) return;
    rows.forEach((row, r) => {
      if (!isDecimal(row[i])) return;
      parts.push(svg("circle", { class: `series${s}`, cx: across(r), cy: up(Number(row[i])), r: 3 }, tip(drawn, row, i)));
    });
  });
  return frame(height, drawn, parts);
}

/** Names of the drawn series for a legend; empty where there is one. */
export function legend(spec, table) {
  const ys = spec.y.map((name) => table.names.indexOf(name)).filter((i) => i >= 0);
  const shown = ys.filter((i) => table.units[i] === table.units[ys[0]]).slice(0, SERIES);
  return shown.length > 1 ? shown.map((i) => table.columns[i]) : [];
}
