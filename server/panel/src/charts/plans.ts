// The plans of an answer: which cells of its table are the bars of a Gantt chart.

import type { Answer, ChartSpec, GanttBars, Table } from "../connection/records";
import { plain, titled } from "../language/characters";
import { isDecimal } from "../language/numbers";
import type { Gantt, GanttTask } from "./forms";
import { wall } from "./gantt";

/** The bars of both plans; null where the table does not have what the chart names. */
export function plansOf(spec: ChartSpec, answer: Answer): Gantt | null {
  const table = answer.tables[spec.table];
  const at = spec.gantt && table ? columnsOf(spec.gantt, table) : null;
  if (!spec.gantt || !table || !at) return null;
  const { before } = spec.gantt;
  const tasks = table.rows.flatMap((row): GanttTask[] => {
    const text = (name: keyof typeof at): string => {
      const value = row[at[name]];
      return typeof value === "string" ? value : "";
    };
    if (!Number.isFinite(wall(text("start"))) || !Number.isFinite(wall(text("end")))) return [];
    const part = text("part");
    const label = part ? `${text("label")}/${isDecimal(part) ? Number(part) : part}` : text("label");
    return [{ label: plain(label), lane: plain(text("row")), start: text("start"), end: text("end"), plan: text("plan") === before ? "before" : "after", isMoved: row[at.moved] === true }];
  });
  if (!tasks.length) return null;
  return { title: titled(spec.title), lanes: [...new Set(tasks.map((task) => task.lane))], tasks, now: null };
}

function columnsOf(bars: GanttBars, table: Table) {
  const { row, start, end, label, part, plan, moved } = bars;
  const named = { row, start, end, label, part, plan, moved };
  const found = Object.entries(named).map(([name, column]) => [name, table.names.indexOf(column)] as const);
  if (found.some(([, at]) => at < 0)) return null;
  return Object.fromEntries(found) as Record<keyof typeof named, number>;
}
