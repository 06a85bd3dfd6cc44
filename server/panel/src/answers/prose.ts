// An answer's text in parts: words, and the figures in them.

import type { Answer, Evidence, Figure, Table } from "../connection/records";
import { plain } from "../language/characters";
import { asWritten, isDecimal, isNumeric, number, numerals } from "../language/numbers";
import type { Picked } from "../surroundings";

export interface Quoted extends Picked {
  evidence: Evidence | null;
}

export type Part = { text: string; figure: Quoted | null };

const ROWS = 200;

/** Which kind of number a figure is, by the column that it stands in. */
export function kindOf(figure: Figure, answer: Answer): string {
  if (figure.unit === "%") return "percent";
  for (const table of answer.tables) {
    const at = table.units.findIndex((unit, i) => unit === figure.unit && isNumeric(table.kinds[i]) && table.columns[i] === figure.label);
    if (at >= 0) return table.kinds[at]!;
  }
  return /^[A-Z]{3}$/.test(figure.unit) ? "money" : "quantity";
}

export const byId = (answer: Answer, id: string): Evidence | null => answer.evidence.find((one) => one.id === id) ?? answer.evidence[0] ?? null;

/** What a table rests on; one that restates the table before it rests on the same. */
export function evidenceOf(answer: Answer, t: number): Evidence | null {
  const at = answer.tables.slice(0, t + 1).filter((table) => !table.restates).length - 1;
  return answer.evidence[at] ?? answer.evidence[0] ?? null;
}

/** The lines of an answer's text; a number that is a figure of the answer comes with what it rests on. */
export function lines(answer: Answer): Part[][] {
  const known = figuresOf(answer);
  const names = namesOf(answer);
  return answer.answer.split(/\n+/).filter(Boolean).map((line) => {
    const text = plain(line);
    const named = namedIn(text, names);
    let at = 0;
    return text.split(numerals(answer.language)).map((piece, i) => {
      const from = at;
      at += piece.length;
      const isName = named.some(([start, end]) => start <= from && at <= end);
      return { text: piece, figure: i % 2 === 0 || isName ? null : (known.get(asWritten(piece, answer.language)) ?? null) };
    }).filter((part) => part.text !== "");
  });
}

/** Names with digits in them: `Ball valve BV 50` holds no figure, though the table may have a 50 as well. */
function namesOf(answer: Answer): string[] {
  const found = new Set<string>();
  for (const table of answer.tables) {
    for (const row of table.rows.slice(0, ROWS)) {
      row.forEach((value, i) => {
        if (!isNumeric(table.kinds[i]) && typeof value === "string" && /\d/.test(value) && /\p{L}/u.test(value)) found.add(plain(value));
      });
    }
  }
  return [...found];
}

function namedIn(line: string, names: readonly string[]): [number, number][] {
  return names.flatMap((name) => {
    const found: [number, number][] = [];
    for (let at = line.indexOf(name); at >= 0; at = line.indexOf(name, at + name.length)) found.push([at, at + name.length]);
    return found;
  });
}

function figuresOf(answer: Answer): Map<string, Quoted> {
  const known = new Map<string, Quoted>();
  const spoken = answer.language;
  for (const figure of answer.figures) {
    const kind = kindOf(figure, answer);
    const quoted = { label: figure.label, value: figure.value, unit: figure.unit, kind, evidence: byId(answer, figure.evidence) };
    known.set(number(figure.value, kind, spoken), quoted);
    known.set(asWritten(figure.value, spoken), quoted);
  }
  answer.tables.forEach((table, t) => {
    const evidence = evidenceOf(answer, t);
    for (const row of table.rows.slice(0, ROWS)) row.forEach((value, i) => cellsOf(table, i, value, evidence));
  });
  function cellsOf(table: Table, i: number, value: unknown, evidence: Evidence | null): void {
    const kind = table.kinds[i] ?? "text";
    if (!isNumeric(kind) || !isDecimal(value)) return;
    const shown = number(value, kind, spoken);
    if (!known.has(shown)) known.set(shown, { label: table.columns[i] ?? "", value, unit: table.units[i] ?? "", kind, evidence });
  }
  return known;
}
