// Days and ages as people of a language write them.

import type { Spoken } from "../connection/records";
import { localeOf } from "./numbers";
import { plain } from "./characters";

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const STAMP = /^\d{4}-\d{2}-\d{2}T/;

const FORMS: Record<Spoken, Intl.DateTimeFormatOptions> = {
  en: { day: "numeric", month: "short", year: "numeric" },
  de: { day: "2-digit", month: "2-digit", year: "numeric" },
  es: { day: "2-digit", month: "2-digit", year: "numeric" },
  fr: { day: "2-digit", month: "2-digit", year: "numeric" },
};

/** How a day is written where the year goes without saying: `1 Apr`, `01.04.`. */
export function dayForm(language: Spoken): Intl.DateTimeFormatOptions {
  const { day, month } = FORMS[language];
  return { day, month };
}

/** The day of a date or of a time stamp, as its text names it: no time zone moves it. */
export function day(text: string | null | undefined, language: Spoken, otherwise = "–"): string {
  if (!text) return otherwise;
  const date = text.slice(0, 10);
  if (!DAY.test(date) || (text.length > 10 && !STAMP.test(text) && text[10] !== " ")) return plain(text);
  const at = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(at.getTime())) return plain(text);
  return new Intl.DateTimeFormat(localeOf(language), { ...FORMS[language], timeZone: "UTC" }).format(at);
}

/** A day, with its time where the text names one without a zone: it is that of the plant's clocks. */
export function when(text: string, language: Spoken): string {
  const time = /^\d{4}-\d{2}-\d{2} (\d{2}:\d{2})$/.exec(text)?.[1];
  return time ? `${day(text, language)}, ${time}` : day(text, language);
}

const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/;

/** A month, `Feb 2025`; any other text as it stands. */
export function month(text: string, language: Spoken): string {
  const [, year, number] = MONTH.exec(text) ?? [];
  if (!year) return plain(text);
  return new Intl.DateTimeFormat(localeOf(language), { month: "short", year: "numeric", timeZone: "UTC" }).format(Date.UTC(Number(year), Number(number) - 1, 1));
}

/** A time stamp with hours and minutes, in the reader's own time zone. */
export function moment(text: string, language: Spoken): string {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return plain(text);
  return new Intl.DateTimeFormat(localeOf(language), { ...FORMS[language], hour: "2-digit", minute: "2-digit" }).format(at);
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86400], ["hour", 3600], ["minute", 60]];

/** How long ago a time was: `3 days ago`. */
export function age(stamp: string, language: Spoken, justNow: string, now: number = Date.now()): string {
  const seconds = Math.max(0, (now - new Date(stamp).getTime()) / 1000);
  for (const [unit, size] of UNITS) {
    const units = Math.floor(seconds / size);
    if (units >= 1) return new Intl.RelativeTimeFormat(localeOf(language), { numeric: "always" }).format(-units, unit);
  }
  return justNow;
}
