// Charts of an answer as inline SVG, from their specifications and the answer's tables.

import { across, upright } from "./bars.js";
import { h, svg } from "./dom.js";
import { gantt, linesOf } from "./gantt.js";
import { plane, shape } from "./plane.js";
import { drawn, mean, sum } from "./points.js";
import { isDecimal, number, plain, titled } from "./wording.js";

const WIDEST = 720;
const NARROWEST = 280;
const LETTERS = "ABCDEF";
let made = 0;

/** A chart for a place of that many pixels, open where somebody asked for it; null where nothing can be drawn. */
export function chart(spec, answer, place) {
  const table = answer.tables[spec.table];
  if (table && spec.kind === "gantt") return plans(spec, table, answer, place);
  if (!table || [...spec.x.columns, ...spec.split, ...spec.series.map((one) => one.column)].some((name) => !table.names.includes(name))) return null;
  const drawing = drawn(spec, table);
  if (!drawing.series.some((one) => one.points.length)) return null;
  const width = Math.max(NARROWEST, Math.min(WIDEST, place - 20));
  const say = (label, one, text) => ({ words: `${label}${drawing.series.length > 1 ? `, ${plain(one.spec.label)}` : ""}: ${number(text, one.kind)} ${plain(one.spec.unit)}`.trim() });
  const unit = plain(spec.series[0].unit);
  const words = notes(spec, answer, drawing);
  const readout = h("p", { class: "readout", "aria-hidden": "true" });
  const body = draw(spec, drawing, width, say);
  const picture = frame(spec, body, width, words);
  walk(picture, readout);
  return h("details", { class: "drawing", open: spec.asked },
    h("summary", {}, `${titled(spec.title)}${unit ? `, ${unit}` : ""}`),
    h("figure", {}, legend(spec), picture, axis(spec), readout,
      words.length ? h("figcaption", {}, words.map((text) => h("span", {}, text))) : null));
}

/** The plans before and after, with the remarks below. */
function plans(spec, table, answer, place) {
  const lines = linesOf(spec, table);
  if (!lines || !lines.length) return null;
  const width = Math.max(NARROWEST, Math.min(WIDEST, place - 20));
  const words = notes(spec, answer, { series: [{ spec: { adds_up: false, unit: "" }, kind: "" }], rest: [] });
  const readout = h("p", { class: "readout", "aria-hidden": "true" });
  const picture = frame(spec, gantt(spec, lines, width), width, words);
  walk(picture, readout);
  return h("details", { class: "drawing", open: spec.asked },
    h("summary", {}, titled(spec.title)),
    h("figure", {}, picture, readout, words.length ? h("figcaption", {}, words.map((text) => h("span", {}, text))) : null));
}

function draw(spec, drawing, width, say) {
  if (spec.kind === "line" || spec.kind === "scatter") return plane(spec, drawing, width, say);
  return spec.x.type === "time" ? upright(spec, drawing, width, say) : across(spec, drawing, width, say);
}

function frame(spec, body, width, words) {
  made += 1;
  const ids = [`chart-title-${made}`, `chart-about-${made}`];
  const about = [`${spec.series.map((one) => plain(one.label)).join(", ")}; ${plain(spec.x.label)}.`, ...words].join(" ");
  return svg("svg", { class: "chart", viewBox: `0 0 ${width} ${body.height}`, width, height: body.height, role: "group", "aria-labelledby": ids.join(" ") },
    svg("title", { id: ids[0] }, titled(spec.title)), svg("desc", { id: ids[1] }, about), body.parts);
}

/** Points are reached by the arrow keys, the first one or the last visited by Tab; the value is shown below. */
function walk(picture, readout) {
  const marks = [...picture.querySelectorAll(".mark")];
  marks.forEach((mark, i) => mark.setAttribute("tabindex", i ? "-1" : "0"));
  const show = (mark) => { readout.textContent = mark?.getAttribute("aria-label") ?? ""; };
  picture.addEventListener("keydown", (event) => {
    const at = marks.indexOf(event.target.closest(".mark"));
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const to = event.key === "Home" ? 0 : event.key === "End" ? marks.length - 1 : step && at >= 0 ? at + step : -1;
    if (to < 0 || to >= marks.length) return;
    event.preventDefault();
    marks.forEach((mark, i) => mark.setAttribute("tabindex", i === to ? "0" : "-1"));
    marks[to].focus();
  });
  picture.addEventListener("focusin", (event) => show(event.target.closest(".mark")));
  picture.addEventListener("focusout", () => show(null));
  picture.addEventListener("pointerover", (event) => { if (event.target.closest(".mark")) show(event.target.closest(".mark")); });
}

function legend(spec) {
  if (spec.series.length < 2 || spec.kind === "pareto") return null;
  const isPlane = spec.kind === "line" || spec.kind === "scatter";
  return h("p", { class: "legend" }, spec.series.map((one, k) => h("span", {},
    svg("svg", { class: "key", width: 16, height: 12, "aria-hidden": "true" },
      isPlane ? [svg("path", { class: `line${k}`, d: "M0,6H16" }), shape(k, 8, 6, 3.6)]
        : [svg("rect", { class: `series${k}`, width: 14, height: 12, rx: 1.5 }), svg("text", { class: "letter", x: 7, y: 6, dy: "0.35em", "text-anchor": "middle" }, LETTERS[k])]),
    plain(one.label))));
}

const axis = (spec) => h("p", { class: "axis-name" }, titled(spec.x.label) + (spec.x.unit ? `, ${plain(spec.x.unit)}` : ""));

/** The remarks with the figures that they refer to, and the mean where it is drawn. */
function notes(spec, answer, drawing) {
  const [first] = drawing.series;
  const said = spec.notes.map((note) => {
    const rest = drawing.rest.filter(isDecimal);
    const values = {
      day: (answer.evidence.find((one) => one.id === note.evidence)?.data_as_of ?? "–").slice(0, 10),
      number: number(String(drawing.rest.length), "count"),
      sum: first.spec.adds_up ? `${number(sum(rest), first.kind)} ${plain(first.spec.unit)}`.trim() : "–",
    };
    return plain(note.words).replace(/\[\[(\w+)\]\]/g, (_, name) => values[name] ?? "–");
  });
  for (const line of spec.lines) {
    if (line.kind === "average") said.push(`${plain(line.words)}: ${number(String(mean(drawing)), first.kind)} ${plain(first.spec.unit)}`.trim());
  }
  return said;
}
