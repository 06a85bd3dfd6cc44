// The stock projection that a list of receipts and requirements holds: stock on hand first, then what comes and goes.

import type { Cell, Spoken, Table } from "../connection/records";
import { compared, isDecimal, sum } from "../language/numbers";
import type { ChartData, Projection } from "./forms";

const DAY = 86_400_000;
/** Days that are drawn one by one; a longer reach shows only those on which something happens. */
const REACH = 370;

type Step = { day: string; quantity: string; available: string };

/** The projection in a table that begins with what is on hand and carries what is available from row to row. */
export function outlookOf(table: Table): Projection | null {
  const [date, quantity, available] = ["date", "quantity", "available"].map((name) => table.names.indexOf(name)) as [number, number, number];
  const isOutlook = table.kinds[date] === "date" && table.kinds[quantity] === "quantity" && table.kinds[available] === "quantity";
  // Stocks of several sites run beside each other.
  if (!isOutlook || table.names.includes("site")) return null;
  const steps = table.rows.map((row) => stepOf(row[date], row[quantity], row[available])).filter((step) => step !== null);
  const [opening, ...others] = steps;
  if (!opening || !others.length || compared(opening.quantity, opening.available) !== 0) return null;
  const days = new Map<string, Projection["days"][number]>([[opening.day, { day: opening.day, stock: opening.available, receipts: "0", issues: "0" }]]);
  for (const step of others) {
    // What is overdue counts as if it happened on the first day.
    const day = step.day < opening.day ? opening.day : step.day;
    const known = days.get(day) ?? { day, stock: "0", receipts: "0", issues: "0" };
    const isIssue = step.quantity.startsWith("-");
    days.set(day, {
      day,
      stock: step.available,
      receipts: isIssue ? known.receipts : sum([known.receipts, step.quantity]),
      issues: isIssue ? sum([known.issues, step.quantity.slice(1)]) : known.issues,
    });
  }
  return { title: table.title, unit: table.units[available] ?? "", days: eachDay([...days.values()]), safety: null };
}

function stepOf(day: Cell | undefined, quantity: Cell | undefined, available: Cell | undefined): Step | null {
  if (typeof day !== "string" || !isDecimal(quantity) || !isDecimal(available)) return null;
  return { day: day.slice(0, 10), quantity, available };
}

/** The days between as well, so that a week is as wide as any other. */
function eachDay(days: Projection["days"]): Projection["days"] {
  const [first, last] = [days[0]!, days.at(-1)!].map(({ day }) => Date.parse(`${day}T00:00:00Z`)) as [number, number];
  if (!(last - first <= REACH * DAY)) return days;
  const known = new Map(days.map((one) => [one.day, one]));
  const found: Projection["days"] = [];
  for (let at = first; at <= last; at += DAY) {
    const day = new Date(at).toISOString().slice(0, 10);
    found.push(known.get(day) ?? { day, stock: found.at(-1)!.stock, receipts: "0", issues: "0" });
  }
  return found;
}

const known = new WeakMap<Table, ChartData | null>();

/** The chart of a table that is an outlook, the same object each time; null of any other. */
export function ofTable(table: Table, spoken: Spoken): ChartData | null {
  if (known.has(table)) return known.get(table)!;
  const data = outlookOf(table);
  const found: ChartData | null = data && { form: "projection", data, spoken };
  known.set(table, found);
  return found;
}
