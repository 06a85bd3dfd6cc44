// How values are written for people. The exact decimal string stays in the title and in copies.

const NUMERIC = new Set(["quantity", "count", "money", "percent", "ratio", "days", "rate"]);
const DECIMAL = /^-?\d+(\.\d+)?$/;

// Control, bidirectional and invisible characters, which could forge what is read.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

// What stands between groups of three digits and before the decimals, and how yes and no are said.
const FORMS = {
  en: { group: ",", point: ".", yes: "yes", no: "no" },
  de: { group: ".", point: ",", yes: "ja", no: "nein" },
  es: { group: ".", point: ",", yes: "sí", no: "no" },
  fr: { group: "\u202F", point: ",", yes: "oui", no: "non" },
};
let spoken = "en";

/** Numbers, yes and no are written from now on as this language does. */
export function speak(language) {
  spoken = language in FORMS ? language : "en";
}

export const isNumeric = (kind) => NUMERIC.has(kind);
export const isDecimal = (text) => typeof text === "string" && DECIMAL.test(text);

export function plain(text) {
  return String(text).replace(/[\t\r\n]+/g, " ").replace(INVISIBLE, "\uFFFD");
}

/** A label as a heading: with a capital first letter. */
export function titled(text) {
  const label = plain(text);
  return label.charAt(0).toUpperCase() + label.slice(1);
}

function grouped(digits) {
  // Spanish groups from five digits on.
  const group = spoken === "es" && digits.length < 5 ? "" : FORMS[spoken].group;
  return digits.replace(/\B(?=(\d{3})+$)/g, group);
}

/** Numbers in prose, for `split`: each as a part of its own. */
export function numerals() {
  const { group, point } = FORMS[spoken];
  // Prose has a plain blank where French groups.
  const between = spoken === "fr" ? "[ \\u00A0\\u202F]" : `[${group}]`;
  // Not within a date, a time or a number of a record: those are no figures though their digits may be.
  const apart = ["(?<![\\p{L}\\p{N}_])(?<![\\p{N}][.,:/])(?<![\\p{L}\\p{N}]-)", "(?![\\p{L}\\p{N}_])(?![.,:/-]\\p{N})"];
  return new RegExp(`${apart[0]}([-−]?(?:\\d{1,3}(?:${between}\\d{3})+|\\d+)(?:[${point}]\\d+)?)${apart[1]}`, "u");
}

/** A number of prose as `number` writes it, and as the decimal string that it may be. */
export function valuesOf(text) {
  const { group, point } = FORMS[spoken];
  const shown = text.replace("−", "-").replace(/[ \u00A0]/g, group);
  return [shown, shown.replaceAll(group, "").replace(point, ".")];
}

/** Rounds a decimal string half up without going through binary floating point. */
function rounded(text, places) {
  const negative = text.startsWith("-");
  const [whole, fraction = ""] = text.replace("-", "").split(".");
  let digits = BigInt(whole + fraction.slice(0, places).padEnd(places, "0"));
  if (fraction.length > places && fraction[places] >= "5") digits += 1n;
  const padded = digits.toString().padStart(places + 1, "0");
  const head = padded.slice(0, padded.length - places);
  const tail = places ? padded.slice(-places) : "";
  const sign = negative && digits !== 0n ? "\u2212" : "";
  return { sign, head, tail };
}

/** A decimal string as sentences show it: money to the cent, below one four significant digits, else two places. */
export function number(text, kind) {
  if (!isDecimal(text)) return plain(text);
  const size = Math.abs(Number(text));
  const isMoney = kind === "money" && (size >= 1 || size === 0);
  let places = ["ratio", "rate"].includes(kind) ? 4 : 2;
  if (size && size < 1) places = 4 + text.split(".")[1].match(/^0*/)[0].length;
  const { sign, head, tail } = rounded(text, places);
  const kept = isMoney ? tail : tail.replace(/0+$/, "");
  return sign + grouped(head) + (kept ? FORMS[spoken].point + kept : "");
}

export function cell(value, kind) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "boolean") return value ? FORMS[spoken].yes : FORMS[spoken].no;
  return isNumeric(kind) ? number(value, kind) : plain(value);
}

/** The cells of one column, numbers with equally many decimals up to two, so that their points align. */
export function column(values, kind) {
  const texts = values.map((value) => cell(value, kind));
  if (!isNumeric(kind)) return texts;
  const { point } = FORMS[spoken];
  const places = (text) => text.split(point)[1]?.length ?? 0;
  const wanted = Math.min(2, Math.max(0, ...texts.map((text, i) => (isDecimal(values[i]) ? places(text) : 0))));
  return texts.map((text, i) => {
    const missing = wanted - places(text);
    if (missing <= 0 || !isDecimal(values[i])) return text;
    return text + (text.includes(point) ? "" : point) + "0".repeat(missing);
  });
}

const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];

/** How long ago a time was: `3 days ago`. */
export function age(stamp) {
  const seconds = Math.max(0, (Date.now() - new Date(stamp).getTime()) / 1000);
  for (const [unit, size] of UNITS) {
    const count = Math.floor(seconds / size);
    if (count >= 1) return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
  }
  return "just now";
}

export const day = (stamp) => (stamp ? stamp.slice(0, 10) : "not known");
