// Bars: across for things with names, upright for periods; on top of each other, up and down to a total, or with
// shares added up.

import { svg } from "./dom.js";
import { mean, openFrom, sum } from "./points.js";
import { linear, tickText } from "./scales.js";
import { number } from "./wording.js";

const LETTERS = "ABCDEF";
const WIDE = 6.7;

const clipped = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

/** What is drawn for each place: stretches between two values, each with the words for its point. */
function piecesOf(spec, drawing, say) {
  const places = drawing.slots.map((slot) => ({ label: slot.label, pieces: [], text: [] }));
  const add = (s, piece) => places[s].pieces.push(piece);
  if (spec.kind === "waterfall") return steps(drawing, say);
  const shares = spec.kind === "pareto" ? drawing.series[1] : null;
  (shares ? drawing.series.slice(0, 1) : drawing.series).forEach((one, k) => {
    for (const point of one.points) {
      const from = spec.kind === "stacked" ? stackedBelow(drawing, k, point) : 0;
      add(point.slot, { from, to: from + point.value, k, ...say(drawing.slots[point.slot].label, one, point.text), point });
      if (spec.kind !== "stacked") places[point.slot].text.push(number(point.text, one.kind));
    }
  });
  if (shares) added(drawing).forEach((part, i) => places[shares.points[i].slot].text.push(`${number(part.toFixed(1), "percent")} %`));
  if (spec.kind === "stacked") {
    places.forEach((place) => {
      const texts = place.pieces.map((piece) => piece.point.text);
      if (texts.length) place.text.push(number(sum(texts), drawing.series[0].kind));
    });
  }
  return places;
}

function stackedBelow(drawing, k, point) {
  return drawing.series.slice(0, k)
    .flatMap((one) => one.points.filter((other) => other.slot === point.slot && other.value < 0 === point.value < 0))
    .reduce((total, other) => total + other.value, 0);
}

function steps(drawing, say) {
  const [one] = drawing.series;
  const places = [];
  const done = [];
  const take = (label, text, point) => {
    const from = done.length ? Number(sum(done)) : 0;
    done.push(text);
    const to = Number(sum(done));
    const sign = Number(text) > 0 ? "+" : "";
    places.push({ label, pieces: [{ from, to, k: to < from ? 1 : 0, ...say(label, one, text), point }], text: [sign + number(text, one.kind)] });
  };
  for (const point of one.points) take(drawing.slots[point.slot].label, point.text, point);
  const rest = drawing.rest.filter((text) => text !== null);
  if (rest.length) take("…", sum(rest), null);
  const total = sum(done);
  places.push({ label: "Σ", pieces: [{ from: 0, to: Number(total), k: 2, ...say("Σ", one, total), point: null }], text: [number(total, one.kind)] });
  return places;
}

function rect(piece, box, several, open = false) {
  const made = svg("rect", { class: `mark series${piece.k}`, rx: 1.5, ...box, ...(piece.point ? { "data-row": piece.point.row, "data-value": piece.point.text } : {}), "aria-label": piece.words, role: "img" }, svg("title", {}, piece.words));
  if (!several || box.width < 12 || box.height < 9) return [made];
  // Not by colour alone: each series has its letter.
  return [made, svg("text", { class: open ? "letter open" : "letter", x: box.x + box.width / 2, y: box.y + box.height / 2, dy: "0.35em", "text-anchor": "middle", "aria-hidden": "true" }, LETTERS[piece.k])];
}

/** Bars across, with the names at the left and the values behind. */
export function across(spec, drawing, whole, say) {
  const places = piecesOf(spec, drawing, say);
  const several = drawing.series.length > 1 && spec.kind !== "pareto";
  const beside = spec.kind === "bar" ? drawing.series.length : 1;
  const thick = beside > 1 ? 13 : 16;
  const pitch = thick * beside + 7;
  const top = 18;
  const names = places.map((place) => clipped(place.label, whole < 480 ? 18 : 34));
  const left = 14 + Math.max(3, ...names.map((name) => name.length)) * WIDE;
  const behind = spec.kind === "pareto" ? (place) => [place.text.join("  ")] : (place) => place.text;
  const right = Math.max(40, ...places.flatMap((place) => behind(place).map((text) => text.length * WIDE + 14)));
  const height = top + places.length * pitch + 4;
  const line = spec.lines.some((one) => one.kind === "average") ? mean(drawing) : null;
  const values = places.flatMap((place) => place.pieces.flatMap((piece) => [piece.from, piece.to]));
  const scale = linear([...values, ...(line === null ? [] : [line]), 0], whole < 480 ? 3 : 5, true);
  const at = (value) => left + scale.part(value) * Math.max(40, whole - left - right);
  const parts = scale.ticks.flatMap((tick) => [
    svg("line", { class: tick === 0 ? "axis" : "rule", x1: at(tick), x2: at(tick), y1: top - 4, y2: height }),
    svg("text", { class: "label", x: at(tick), y: 10, "text-anchor": "middle" }, tickText(tick)),
  ]);
  places.forEach((place, p) => {
    const y = top + p * pitch;
    parts.push(svg("text", { class: "label", x: left - 8, y: y + (thick * beside) / 2, dy: "0.35em", "text-anchor": "end" }, names[p], svg("title", {}, place.label)));
    place.pieces.forEach((piece, n) => {
      const x = Math.min(at(piece.from), at(piece.to));
      const box = { x, y: y + (beside > 1 ? piece.k * thick : 0), width: Math.max(1, Math.abs(at(piece.to) - at(piece.from))), height: thick - 1 };
      parts.push(...rect(piece, box, several));
      if (spec.kind === "pareto") {
        // Apart from the bars, where the line of the shares runs.
        const [value, part] = place.text;
        parts.push(svg("text", { class: "value", x: whole - 8 * WIDE, y: box.y + thick / 2, dy: "0.35em", "text-anchor": "end" }, value));
        parts.push(svg("text", { class: "label", x: whole - 2, y: box.y + thick / 2, dy: "0.35em", "text-anchor": "end" }, part));
        return;
      }
      const text = spec.kind === "stacked" ? (n === place.pieces.length - 1 ? place.text[0] : "") : place.text[n];
      const end = spec.kind === "stacked" ? Math.max(...place.pieces.map((one) => at(one.to))) : x + box.width;
      if (text) parts.push(svg("text", { class: "value", x: end + 6, y: box.y + thick / 2, dy: "0.35em" }, text));
    });
  });
  if (spec.kind === "pareto") parts.push(...sharesAdded(drawing, { left, right, whole, top, pitch, thick }));
  if (line !== null) parts.push(svg("line", { class: "mean", x1: at(line), x2: at(line), y1: top - 4, y2: height }));
  return { height, parts };
}

/** The shares added up, in percent of the whole: of what the table says, or of what it shows. */
function added(drawing) {
  const [bars, shares] = drawing.series;
  const own = shares.spec.column === bars.spec.column && bars.spec.unit !== "%";
  const all = own ? Number(sum([...shares.points.map((point) => point.text), ...drawing.rest.filter((text) => text !== null)])) : 100;
  const done = [];
  return shares.points.map((point) => {
    done.push(point.text);
    return all ? (Number(sum(done)) / all) * 100 : 0;
  });
}

/** The line of a Pareto chart, from zero to a hundred percent of the width. */
function sharesAdded(drawing, box) {
  const span = Math.max(40, box.whole - box.left - box.right);
  const marks = added(drawing).map((part, i) => {
    const { slot } = drawing.series[1].points[i];
    const words = `${drawing.slots[slot].label}: ${number(part.toFixed(1), "percent")} %`;
    return { x: box.left + (part / 100) * span, y: box.top + slot * box.pitch + box.thick / 2, words };
  });
  return [
    svg("polyline", { class: "line1", points: marks.map((mark) => `${mark.x.toFixed(1)},${mark.y.toFixed(1)}`).join(" ") }),
    ...marks.map((mark) => svg("circle", { class: "series1", cx: mark.x, cy: mark.y, r: 3.5 }, svg("title", {}, mark.words))),
  ];
}

/** Upright bars, one place for each period, those without data left open. */
export function upright(spec, drawing, whole, say) {
  const places = piecesOf(spec, drawing, say);
  const several = drawing.series.length > 1;
  const beside = spec.kind === "bar" ? drawing.series.length : 1;
  const height = whole < 480 ? 210 : 260;
  const edge = { top: 12, bottom: 28, right: 12 };
  const line = spec.lines.some((one) => one.kind === "average") ? mean(drawing) : null;
  const values = places.flatMap((place) => place.pieces.flatMap((piece) => [piece.from, piece.to]));
  const scale = linear([...values, ...(line === null ? [] : [line]), 0], 4, true);
  const left = 14 + Math.max(...scale.ticks.map((tick) => tickText(tick).length)) * WIDE;
  const room = (whole - left - edge.right) / places.length;
  const up = (value) => height - edge.bottom - scale.part(value) * (height - edge.top - edge.bottom);
  const parts = rules(scale, up, left, whole - edge.right);
  const open = openFrom(spec);
  const every = Math.ceil(places.length / ((whole - left) / 64));
  places.forEach((place, p) => {
    const wide = (room * 0.76) / beside;
    for (const piece of place.pieces) {
      const box = { x: left + p * room + room * 0.12 + (beside > 1 ? piece.k * wide : 0), y: Math.min(up(piece.from), up(piece.to)), width: Math.max(1, wide - 1), height: Math.max(1, Math.abs(up(piece.to) - up(piece.from))) };
      const isOpen = Boolean(open) && place.label >= open;
      const [mark, ...letter] = rect(piece, box, several, isOpen);
      if (isOpen) mark.classList.add("open");
      parts.push(mark, ...letter);
    }
    if (p % every === 0) parts.push(svg("text", { class: "label", x: left + (p + 0.5) * room, y: height - 9, "text-anchor": "middle" }, place.label));
  });
  parts.push(svg("line", { class: "axis", x1: left, x2: whole - edge.right, y1: up(0), y2: up(0) }));
  if (line !== null) parts.push(svg("line", { class: "mean", x1: left, x2: whole - edge.right, y1: up(line), y2: up(line) }));
  return { height, parts };
}

/** Lines across with their ticks at the left. */
export function rules(scale, up, left, right) {
  return scale.ticks.flatMap((tick) => [
    svg("line", { class: "rule", x1: left, x2: right, y1: up(tick), y2: up(tick) }),
    svg("text", { class: "label", x: left - 8, y: up(tick), dy: "0.35em", "text-anchor": "end" }, tickText(tick)),
  ]);
}
