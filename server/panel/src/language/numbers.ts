// Numbers as people of a language write them, from decimal strings, with no digit lost to binary floating point.

import type { Cell, Spoken } from "../connection/records";
import { plain } from "./characters";

const NUMERIC = new Set(["quantity", "count", "money", "percent", "ratio", "days", "rate"]);
const DECIMAL = /^-?\d+(\.\d+)?$/;
const LOCALES: Record<Spoken, string> = { en: "en-GB", de: "de-DE", es: "es-ES", fr: "fr-FR" };
const FLAGS: Record<Spoken, [string, string]> = { en: ["yes", "no"], de: ["ja", "nein"], es: ["sí", "no"], fr: ["oui", "non"] };

export const MINUS = "\u2212";
export const MISSING = "\u2013";

export const localeOf = (language: Spoken): string => LOCALES[language] ?? LOCALES.en;
export const isNumeric = (kind: string | undefined): boolean => kind !== undefined && NUMERIC.has(kind);
export const isDecimal = (value: unknown): value is string => typeof value === "string" && DECIMAL.test(value);

const made = new Map<string, Intl.NumberFormat>();

function format(language: Spoken, least: number, most: number): Intl.NumberFormat {
  const key = `${language} ${least} ${most}`;
  let found = made.get(key);
  if (!found) {
    found = new Intl.NumberFormat(localeOf(language), { minimumFractionDigits: least, maximumFractionDigits: most });
    made.set(key, found);
  }
  return found;
}

/** A decimal string with between these many decimals. */
export function written(text: string, language: Spoken, least: number, most: number): string {
  // A string keeps every digit, where a number would round at sixteen.
  const exact = text as Intl.StringNumericLiteral;
  const shown = format(language, least, most).format(exact);
  return shown.replace("-", MINUS).replace(/^\u2212(?=[0.,]*$)/, "");
}

/** A decimal string as sentences show it: money to the cent, below one four significant digits, else two places. */
export function number(text: string, kind: string, language: Spoken): string {
  if (!isDecimal(text)) return plain(text);
  const isBelowOne = /^-?0(\.|$)/.test(text);
  const isZero = /^-?0(\.0*)?$/.test(text);
  let most = kind === "ratio" || kind === "rate" ? 4 : 2;
  if (isBelowOne && !isZero) most = Math.min(20, 4 + (/\.(0*)/.exec(text)?.[1]?.length ?? 0));
  const isMoney = kind === "money" && (!isBelowOne || isZero);
  return written(text, language, isMoney ? 2 : 0, most);
}

/** A cell for people. */
export function cell(value: Cell | undefined, kind: string, language: Spoken): string {
  if (value === null || value === undefined) return MISSING;
  if (typeof value === "boolean") return FLAGS[language][value ? 0 : 1];
  return isNumeric(kind) ? number(value, kind, language) : plain(value);
}

/** The cells of one column of numbers with equally many decimals up to two, so that their points align. */
export function column(values: (Cell | undefined)[], kind: string, language: Spoken): string[] {
  if (!isNumeric(kind)) return values.map((value) => cell(value, kind, language));
  const places = (text: string): number => text.split(language === "en" ? "." : ",")[1]?.length ?? 0;
  const texts = values.map((value) => cell(value, kind, language));
  const least = Math.min(2, Math.max(0, ...texts.map((text, i) => (isDecimal(values[i]) ? places(text) : 0))));
  return texts.map((text, i) => {
    const value = values[i];
    return isDecimal(value) && places(text) < least ? written(value, language, least, Math.max(least, 2)) : text;
  });
}

/** A whole number that a program counted. */
export function count(value: number, language: Spoken): string {
  return format(language, 0, 0).format(value);
}

/** Money: exact amount and its currency. */
export function money(amount: string, currency: string, language: Spoken): string {
  return `${written(amount, language, 2, 6)} ${plain(currency)}`.trim();
}

/** Exact sum of decimal strings, as a decimal string. */
export function sum(texts: string[]): string {
  const places = Math.max(0, ...texts.map((text) => text.split(".")[1]?.length ?? 0));
  const scaled = texts.reduce((total, text) => {
    const [whole = "0", fraction = ""] = text.replace("-", "").split(".");
    const size = BigInt(whole + fraction.padEnd(places, "0"));
    return text.startsWith("-") ? total - size : total + size;
  }, 0n);
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(places + 1, "0");
  const head = digits.slice(0, digits.length - places);
  const tail = places ? digits.slice(-places).replace(/0+$/, "") : "";
  return (scaled < 0n ? "-" : "") + head + (tail ? `.${tail}` : "");
}

/** Negative, zero or positive as the first decimal string is smaller, equal or larger; exact. */
export function compared(a: string, b: string): number {
  const difference = sum([a, b.startsWith("-") ? b.slice(1) : `-${b}`]);
  if (/^-?0(\.0*)?$/.test(difference)) return 0;
  return difference.startsWith("-") ? -1 : 1;
}

/** Numbers in prose, for `split`: each as a part of its own. */
export function numerals(language: Spoken): RegExp {
  const group = { en: ",", de: "\\.", es: "[.]", fr: "[ \\u00A0\\u202F]" }[language];
  const point = language === "en" ? "\\." : ",";
  // Not within a date, a time or a number of a record: those are no figures though their digits may be.
  const apart = ["(?<![\\p{L}\\p{N}_])(?<![\\p{N}][.,:/])(?<![\\p{L}\\p{N}]-)", "(?![\\p{L}\\p{N}_])(?![.,:/-]\\p{N})"];
  return new RegExp(`${apart[0]}([-\u2212]?(?:\\d{1,3}(?:${group}\\d{3})+|\\d+)(?:${point}\\d+)?)${apart[1]}`, "u");
}

/** A number of prose with the signs and groups that `number` writes, to be compared with it. */
export function asWritten(text: string, language: Spoken): string {
  return text.replace("-", MINUS).replace(/[ \u00A0\u202F]/g, language === "fr" ? "\u202F" : " ");
}
