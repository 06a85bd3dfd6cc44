// Moves of work orders as bars: each order as it is planned now, and as it would be once this draft is written.

import "../charts/chart";
import { html, nothing, type TemplateResult } from "lit";
import type { ChartData, GanttTask } from "../charts/forms";
import { plain } from "../language/characters";
import type { DraftTexts } from "../language/drafts_en";
import type { Language } from "../language/texts";
import type { Surroundings } from "../surroundings";
import type { DraftDetail, Json } from "./records";

/** More than these are in the table of the card alone. */
const MOST = 20;

type Members = { readonly [name: string]: Json };

const members = (value: Json | undefined): Members => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : {});
const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");

/** A moment as the clocks of a zone say it: `2026-04-02 06:00`. */
export function atPlant(moment: string, zone: string): string {
  try {
    return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(moment));
  } catch {
    return moment;
  }
}

function task(label: string, lane: string, dates: Members, zone: string, plan: GanttTask["plan"]): GanttTask | null {
  const [starts, ends] = [text(dates["starts_at"]), text(dates["ends_at"])];
  if (starts && ends) return { label, lane, start: atPlant(starts, zone), end: atPlant(ends, zone), plan, isMoved: plan === "after" };
  const [first, last] = [text(dates["start_on"]), text(dates["due_on"])];
  // Without times, from the beginning of the first day to the end of the last.
  return first && last ? { label, lane, start: `${first} 00:00`, end: `${last} 23:59`, plan, isMoved: plan === "after" } : null;
}

/** The bars of a draft; null where it moves nothing. */
export function planOf(shown: DraftDetail, texts: DraftTexts, language: Language): ChartData | null {
  if (shown.kind !== "order_rescheduling") return null;
  const { zone, now, moves } = shown.draft;
  const list = Array.isArray(moves) ? moves.map(members) : [];
  const tasks = list.slice(0, MOST).flatMap((move) => {
    const lane = plain(text(move["order"]));
    const label = plain(text(members(move["material"])["code"]));
    return (["before", "after"] as const).map((plan) => task(label, lane, members(move[plan]), text(zone), plan)).filter((each) => each !== null);
  });
  if (!tasks.length) return null;
  const lanes = [...new Set(tasks.map((each) => each.lane))];
  const title = list.length > lanes.length ? texts.plan.some(lanes.length, list.length) : texts.plan.title;
  return { form: "gantt", spoken: language, data: { title, lanes, tasks, now: now ? atPlant(text(now), text(zone)) : null } };
}

const known = new Map<string, ChartData | null>();

/** The bars as part of a card; what is hashed does not change, so that they are drawn once. */
export function planPart(shown: DraftDetail, around: Surroundings): TemplateResult | typeof nothing {
  const key = `${shown.digest} ${around.language}`;
  if (!known.has(key)) known.set(key, planOf(shown, around.texts.drafts, around.language));
  const data = known.get(key);
  return data ? html`<section class="part" data-plan><pw-chart .around=${around} .data=${data}></pw-chart></section>` : nothing;
}
