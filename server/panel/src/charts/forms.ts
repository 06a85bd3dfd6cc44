// What can be drawn: one form of data for each kind of chart, and how it looks when it cannot be seen.

import type { Answer, ChartSpec, Spoken } from "../connection/records";

/** A value that leads from a start to an end through steps, such as a variance by its causes. */
export interface Bridge {
  title: string;
  unit: string;
  kind: "money" | "quantity";
  /** Null where the bridge begins at zero. */
  start: { label: string; value: string } | null;
  /** `isGood` colours a step by what it means, where that is known. */
  steps: { label: string; value: string; isGood: boolean | null }[];
  /** Label of the end; its value is the exact sum. */
  end: string;
}

/** Operations on resources over time, as planned before and after a change. */
export interface Gantt {
  title: string;
  /** Rows, in order. */
  lanes: string[];
  tasks: GanttTask[];
  /** Moment that the plan starts from; null for none. */
  now: string | null;
}

export interface GanttTask {
  label: string;
  lane: string;
  /** By the plant's own clocks, ISO 8601; an offset is not read. */
  start: string;
  end: string;
  plan: "before" | "after";
  /** Elsewhere or at another time in the other plan. */
  isMoved: boolean;
}

/** Stock day by day, with what comes and goes. */
export interface Projection {
  title: string;
  unit: string;
  days: { day: string; stock: string; receipts: string; issues: string }[];
  safety: string | null;
}

/** Data of a chart, by its form; a new form is one member here and one entry of the registry. */
export type ChartData =
  | { form: "answer"; spec: ChartSpec; answer: Answer }
  | { form: "bridge"; data: Bridge; spoken: Spoken }
  | { form: "gantt"; data: Gantt; spoken: Spoken }
  | { form: "projection"; data: Projection; spoken: Spoken };

/** True where an answer is little without its chart, so that it is drawn at once: a bridge, a plan, a trend. */
export const isTelling = (spec: ChartSpec): boolean => spec.asked || spec.kind === "waterfall" || spec.kind === "gantt" || (spec.kind === "line" && spec.x.type === "time");

const known = new WeakMap<ChartSpec, ChartData>();

/** The data of an answer's chart; the same object each time, so that nothing is drawn twice. */
export function ofAnswer(spec: ChartSpec, answer: Answer): ChartData {
  const found = known.get(spec) ?? { form: "answer", spec, answer };
  known.set(spec, found);
  return found;
}
