// The card: what the service made of the hashed bytes, every row and table of it, as text.

import { html, nothing, type TemplateResult } from "lit";
import { plain, plainLines } from "../language/characters";
import type { DraftTexts } from "../language/drafts_en";
import { keyOf, lineOf } from "./labels";
import type { Card, CardRow, CardTable } from "./records";

// What the card says of itself: folded, since the card's head says it too.
const OF_ITSELF = new Set(["Requested by", "Version", "Drafted", "Confirm before", "Under policy"]);
// Nobody reads them every day: folded, with their number where they are folded.
const APART = new Set(["Rests on", "Evidence", "Data"]);
const GROUNDS = new Set(["Why", "Without it", "Flag"]);
const LEAD = ["What has happened", "Way", "Orders moved", "Start within 24 hours", "Quantity", "Material", "Needed on", "Supplier", "From site", "To site", "Batch", "Location", "Reason", "Total", "Worth"];

/** Longer texts take the width of the card. */
const LONG = 60;

export interface Sorted {
  /** What a person looks at first, in this order. */
  readonly lead: readonly CardRow[];
  readonly rest: readonly CardRow[];
  /** Rows of each line, by its number, where there are several. */
  readonly lines: ReadonlyMap<string, readonly CardRow[]>;
  readonly why: readonly string[];
  readonly without: string;
  readonly itself: readonly CardRow[];
}

/** Each row of the card in exactly one place; warnings repeat the flags, so a flag is a row as well. */
export function sorted(card: Card): Sorted {
  const lines = new Map<string, CardRow[]>();
  const lead: CardRow[] = [];
  const rest: CardRow[] = [];
  for (const row of card.rows) {
    const key = keyOf(row);
    if (OF_ITSELF.has(key) || (GROUNDS.has(key) && key !== "Flag")) continue;
    const [line, label] = lineOf(row);
    if (line) lines.set(line, [...(lines.get(line) ?? []), { ...row, label }]);
    else if (LEAD.includes(key)) lead.push(row);
    // The warnings above are the flags, word for word.
    else if (key !== "Flag" || !card.warnings.includes(row.value)) rest.push(row);
  }
  lead.sort((a, b) => LEAD.indexOf(keyOf(a)) - LEAD.indexOf(keyOf(b)));
  return {
    lead,
    rest,
    lines,
    why: card.rows.filter((row) => keyOf(row) === "Why").map((row) => row.value),
    without: card.rows.find((row) => keyOf(row) === "Without it")?.value ?? "",
    itself: card.rows.filter((row) => OF_ITSELF.has(keyOf(row))),
  };
}

function row({ label, value, mark }: CardRow): TemplateResult {
  const looks = `${mark ? "odd" : ""} ${value.length > LONG || value.includes("\n") ? "long" : ""}`;
  const odd = mark ? html`<span class="mark"><span aria-hidden="true">!</span> ${plain(mark)}</span>` : nothing;
  return html`<div class=${looks}><dt>${plain(label)}</dt><dd>${plainLines(value)}${odd}</dd></div>`;
}

const rows = (list: readonly CardRow[], looks: string): TemplateResult | typeof nothing =>
  list.length ? html`<dl class=${looks}>${list.map(row)}</dl>` : nothing;

// Roles are written out: in a narrow panel each row is a block of its own, which browsers take for no table.
function table(part: CardTable): TemplateResult {
  const shown = part.columns.map((_, i) => i).filter((i) => part.rows.some((each) => each[i]));
  const name = plain(part.title);
  return html`<div class="grid" role="region" tabindex="0" aria-label=${name}>
    <table role="table" aria-label=${name}>
      <thead role="rowgroup"><tr role="row">${shown.map((i) => html`<th role="columnheader" scope="col">${plain(part.columns[i] ?? "")}</th>`)}</tr></thead>
      <tbody role="rowgroup">
        ${part.rows.map(
          (each) => html`<tr role="row">${shown.map((i) => html`<td role="cell" data-label=${plain(part.columns[i] ?? "")} class=${each[i] ? "" : "empty"}>${plain(each[i] || "–")}</td>`)}</tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function tables(card: Card, texts: DraftTexts, isApart: boolean): TemplateResult[] {
  return card.tables
    .filter((part) => APART.has(keyOf(part)) === isApart)
    .map((part) => {
      const title = plain(part.title);
      return isApart
        ? html`<details><summary>${texts.count(title, String(part.rows.length))}</summary>${table(part)}</details>`
        : html`<section class="part"><h4>${title}</h4>${table(part)}</section>`;
    });
}

/** Warnings, facts, grounds and tables of the card; a drawing of it stands below what one looks at first. */
export function cardParts(card: Card, texts: DraftTexts, drawing: TemplateResult | typeof nothing): TemplateResult {
  const { lead, rest, lines, why, without, itself } = sorted(card);
  return html`
    ${card.warnings.length
      ? html`<section class="warnings" aria-label=${texts.warnings}>
          <ui5-icon-pw name="message-warning" aria-hidden="true"></ui5-icon-pw>
          <ul>${card.warnings.map((text) => html`<li>${plain(text)}</li>`)}</ul>
        </section>`
      : nothing}
    ${rows(lead, "lead")} ${drawing}
    ${[...lines].map(([number, list]) => html`<section class="part"><h4>${texts.changes.line(number)}</h4>${rows(list, "facts")}</section>`)}
    ${without ? html`<section class="without"><h4>${texts.without}</h4><p>${plain(without)}</p></section>` : nothing}
    ${why.length ? html`<section class="part"><h4>${texts.why}</h4><ul class="why">${why.map((text) => html`<li>${plain(text)}</li>`)}</ul></section>` : nothing}
    ${rows(rest, "facts")} ${tables(card, texts, false)}
    <div class="folded">
      ${tables(card, texts, true)}
      <details><summary>${texts.more}</summary>${rows(itself, "facts")}</details>
    </div>
  `;
}
