// Where a value lies on an axis, and which values are written beside it.

import { number } from "./wording.js";

function step(raw) {
  const size = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 2.5, 5, 10].map((m) => m * size).find((one) => one >= raw * 0.999999);
}

/** A scale with round ticks; that of bars begins at zero. */
export function linear(values, count, fromZero) {
  let low = Math.min(...values, ...(fromZero ? [0] : []));
  let high = Math.max(...values, ...(fromZero ? [0] : []));
  // A line whose values reach down near zero says more with the zero in sight.
  if (!fromZero && low > 0 && low < high * 0.6) low = 0;
  if (low === high) [low, high] = low ? [low - 1, high + 1] : [0, 1];
  const size = step((high - low) / count);
  const ticks = [];
  for (let i = Math.floor(low / size + 1e-9); i <= Math.ceil(high / size - 1e-9); i += 1) ticks.push(+(i * size).toPrecision(12));
  const [from, to] = [ticks[0], ticks[ticks.length - 1]];
  return { ticks, part: (value) => (value - from) / (to - from) };
}

/** A scale with a tick for each power of ten. */
export function logarithmic(values) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const ticks = [];
  for (let power = low; power <= high; power += 1) {
    for (const factor of high - low < 3 ? [1, 2, 5] : [1]) {
      if (factor * 10 ** power <= 10 ** high) ticks.push(+(factor * 10 ** power).toPrecision(12));
    }
  }
  return { ticks, part: (value) => (Math.log10(value) - low) / (high - low) };
}

/** A tick as people write it, short: `15k`, `20M`. */
export function tickText(value) {
  const size = Math.abs(value);
  for (const [unit, suffix] of [[1e9, "bn"], [1e6, "M"], [1e3, "k"]]) {
    if (size >= unit && size >= 1e4) return written(value / unit, 3) + suffix;
  }
  return written(value, 9);
}

const written = (value, places) => number(String(+value.toFixed(places)).includes("e") ? value.toFixed(places) : String(+value.toFixed(places)), "quantity");
