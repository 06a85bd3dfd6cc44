// How long a draft may still be confirmed.

import type { DraftTexts } from "../language/drafts_en";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What is left in words, and whether that is little; null where nothing is left. */
export function leftOf(expires: string, now: number, texts: DraftTexts): { readonly words: string; readonly isLittle: boolean } | null {
  const left = new Date(expires).getTime() - now;
  if (!(left > 0)) return null;
  const { expires: said } = texts;
  const isLittle = left < 2 * HOUR;
  if (left >= DAY) return { words: said.days(Math.floor(left / DAY), Math.floor((left % DAY) / HOUR)), isLittle };
  if (left >= HOUR) return { words: said.hours(Math.floor(left / HOUR), Math.floor((left % HOUR) / MINUTE)), isLittle };
  return { words: left >= MINUTE ? said.minutes(Math.floor(left / MINUTE)) : said.soon, isLittle };
}
