// Two plans as bars: of each work centre a line before and a line after; what moves is hatched and outlined, not only coloured.

import { svg } from "./dom.js";
import { plain } from "./wording.js";

const LINE = 17;
const GAP = 7;
const HEAD = 20;
const LEAST = 2;

/** The bars of a Gantt chart by line, or null where the table has not the columns that the specification names. */
export function linesOf(spec, table) {
  const names = spec.gantt;
  if (!names) return null;
  const at = Object.fromEntries(["row", "start", "end", "label", "part", "plan", "moved"].map((key) => [key, table.names.indexOf(names[key])]));
  if (Object.values(at).some((index) => index < 0)) return null;
  const lines = new Map();
  for (const row of table.rows) {
    const start = Date.parse(String(row[at.start]).replace(" ", "T"));
    const end = Date.parse(String(row[at.end]).replace(" ", "T"));
    if (Number.isNaN(start) || Number.isNaN(end)) continue;
    const before = row[at.plan] === names.before;
    const key = `${before ? 0 : 1} ${row[at.row]}`;
    if (!lines.has(key)) lines.set(key, { name: row[at.row], before, bars: [] });
    lines.get(key).bars.push({ start, end, moved: row[at.moved] === true, words: `${row[at.label]} / ${row[at.part]}: ${row[at.start]} – ${row[at.end]}` });
  }
  const order = [...new Set([...lines.values()].map((line) => line.name))];
  return [...lines.values()].sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name) || (one.before ? 0 : 1) - (other.before ? 0 : 1));
}

/** The drawing: height and parts of an SVG of that width. */
export function gantt(spec, lines, width) {
  const bars = lines.flatMap((line) => line.bars);
  const first = Math.min(...bars.map((bar) => bar.start));
  const last = Math.max(...bars.map((bar) => bar.end));
  const left = Math.min(220, Math.max(...lines.map((line) => plain(line.name).length)) * 6.4 + 52);
  const x = (time) => left + ((time - first) / Math.max(1, last - first)) * (width - left - 4);
  const parts = days(first, last, x, lines.length * LINE + HEAD + (new Set(lines.map((line) => line.name)).size) * GAP, width);
  let y = HEAD;
  lines.forEach((line, i) => {
    const isFirst = i === 0 || lines[i - 1].name !== line.name;
    if (isFirst) {
      y += i ? GAP : 0;
      parts.push(svg("text", { class: "tick", x: 0, y: y + 12 }, plain(line.name).slice(0, 26)));
    }
    parts.push(svg("text", { class: "tick", x: left - 6, y: y + 12, "text-anchor": "end" }, plain(line.before ? spec.gantt.before : spec.gantt.after)));
    for (const bar of line.bars) {
      const label = `${plain(line.name)}, ${plain(line.before ? spec.gantt.before : spec.gantt.after)}, ${plain(bar.words)}`;
      parts.push(svg("rect", {
        class: `mark ${bar.moved ? "series1" : "series0"}`, x: x(bar.start), y: y + 1, width: Math.max(LEAST, x(bar.end) - x(bar.start) - 1), height: LINE - 4,
        "stroke-dasharray": bar.moved ? "3 2" : null, stroke: bar.moved ? "currentColor" : null, role: "img", "aria-label": label,
      }, svg("title", {}, label)));
    }
    y += LINE;
  });
  return { height: y + 4, parts };
}

function days(first, last, x, height, width) {
  const parts = [];
  const day = new Date(first);
  day.setHours(0, 0, 0, 0);
  let free = 0;
  for (; day.getTime() <= last; day.setDate(day.getDate() + 1)) {
    const at = x(Math.max(first, day.getTime()));
    parts.push(svg("path", { class: "grid", d: `M${at},${HEAD - 4}V${height}` }));
    if (at >= free && at < width - 34) {
      parts.push(svg("text", { class: "tick", x: at + 2, y: 12 }, `${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`));
      free = at + 42;
    }
  }
  return parts;
}
