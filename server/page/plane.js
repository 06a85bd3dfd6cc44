// Lines over time, and points of one number against another.

import { svg } from "./dom.js";
import { rules } from "./bars.js";
import { mean, openFrom } from "./points.js";
import { linear, logarithmic, tickText } from "./scales.js";

const WIDE = 6.7;
const MARKED = 90;

/** A sign of its own for each series, so that colour alone tells nothing. */
const SHAPES = [
  (x, y, r) => svg("circle", { cx: x, cy: y, r }),
  (x, y, r) => svg("rect", { x: x - r, y: y - r, width: 2 * r, height: 2 * r }),
  (x, y, r) => svg("path", { d: `M${x},${y - r * 1.3}L${x + r * 1.2},${y + r}H${x - r * 1.2}Z` }),
  (x, y, r) => svg("path", { d: `M${x},${y - r * 1.4}L${x + r * 1.4},${y}L${x},${y + r * 1.4}L${x - r * 1.4},${y}Z` }),
  (x, y, r) => svg("path", { d: `M${x},${y + r * 1.3}L${x + r * 1.2},${y - r}H${x - r * 1.2}Z` }),
  (x, y, r) => svg("rect", { x: x - r * 1.3, y: y - r * 0.7, width: 2.6 * r, height: 1.4 * r }),
];

/** The sign of a series, for the drawing and for its legend. */
export function shape(k, x, y, r) {
  const made = SHAPES[k % SHAPES.length](x, y, r);
  made.setAttribute("class", `series${k}`);
  return made;
}

export function plane(spec, drawing, whole, say) {
  const height = whole < 480 ? 220 : 280;
  const edge = { top: 12, bottom: spec.x.type === "number" ? 30 : 28, right: 22 };
  const values = drawing.series.flatMap((one) => one.points.map((point) => point.value));
  const line = spec.lines.some((one) => one.kind === "average") ? mean(drawing) : null;
  const scale = spec.scale === "log" ? logarithmic(values) : linear(values, 4, false);
  const left = 14 + Math.max(...scale.ticks.map((tick) => tickText(tick).length)) * WIDE;
  const places = drawing.slots.map((slot) => slot.at);
  const numbers = spec.x.type === "number" ? linear(places, whole < 480 ? 3 : 6, false) : null;
  const [first, last] = [Math.min(...places), Math.max(...places)];
  const part = numbers ? numbers.part : (at) => (last > first ? (at - first) / (last - first) : 0.5);
  const x = (at) => left + 6 + part(at) * (whole - left - edge.right - 6);
  const up = (value) => height - edge.bottom - scale.part(value) * (height - edge.top - edge.bottom);
  const parts = rules(scale, up, left, whole - edge.right);
  parts.push(...(numbers ? numbers.ticks.map((tick) => named(x(tick), height, tickText(tick), whole)) : periods(drawing, x, height, whole)));
  if (line !== null) parts.push(svg("line", { class: "mean", x1: left, x2: whole - edge.right, y1: up(line), y2: up(line) }));
  drawing.series.forEach((one, k) => parts.push(...series(spec, drawing, one, k, { x, up, say })));
  return { height, parts };
}

function named(x, height, text, whole) {
  const half = (text.length * WIDE) / 2;
  const anchor = x - half < 0 ? "start" : x + half > whole ? "end" : "middle";
  return svg("text", { class: "label", x: anchor === "end" ? whole - 2 : x, y: height - 8, "text-anchor": anchor }, text);
}

function periods(drawing, x, height, whole) {
  const made = [];
  let free = -Infinity;
  for (const slot of drawing.slots) {
    const at = x(slot.at);
    const half = (slot.label.length * WIDE) / 2;
    const start = Math.min(at - half, whole - 2 * half - 2);
    if (start < free) continue;
    made.push(named(at, height, slot.label, whole));
    free = start + 2 * half + 12;
  }
  return made;
}

function series(spec, drawing, one, k, { x, up, say }) {
  const open = openFrom(spec);
  const spot = (point) => [x(drawing.slots[point.slot].at), up(point.value)];
  const isOpen = (point) => Boolean(open) && drawing.slots[point.slot].label >= open;
  const parts = [];
  if (spec.kind === "line") {
    const paths = { whole: "", open: "" };
    one.points.forEach((point, i) => {
      if (!i) return;
      const before = one.points[i - 1];
      // A missing period is left open.
      if (spec.gaps && drawing.slots[point.slot].at - drawing.slots[before.slot].at > 1) return;
      paths[isOpen(point) ? "open" : "whole"] += `M${spot(before).map((n) => n.toFixed(1))}L${spot(point).map((n) => n.toFixed(1))}`;
    });
    if (paths.whole) parts.push(svg("path", { class: `line${k}`, d: paths.whole }));
    if (paths.open) parts.push(svg("path", { class: `line${k} open`, d: paths.open }));
  }
  const dense = one.points.length > MARKED;
  for (const point of one.points) {
    const { words } = say(drawing.slots[point.slot].label, one, point.text);
    const made = shape(k, ...spot(point), dense ? 1.6 : 3.6);
    made.classList.add("mark");
    if (isOpen(point)) made.classList.add("open");
    for (const [name, value] of Object.entries({ role: "img", "aria-label": words, "data-row": point.row, "data-value": point.text })) made.setAttribute(name, value);
    made.append(svg("title", {}, words));
    parts.push(made);
  }
  return parts;
}
