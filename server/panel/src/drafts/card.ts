// The card: what the service made of the hashed bytes, every row and table of it, as text.

import { html, nothing, type TemplateResult } from "lit";
import { plain, plainLines } from "../language/characters";
import type { DraftTexts } from "../language/drafts_en";
import { labelled, lineOf } from "./labels";
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
    if (OF_ITSELF.has(row.label) || (GROUNDS.has(row.label) && row.label !== "Flag")) continue;
    const [line, label] = lineOf(row.label);
    if (line) lines.set(line, [...(lines.get(line) ?? []), { ...row, label }]);
    else if (LEAD.includes(row.label)) lead.push(row);
    // The warnings above are the flags, word for word.
    else if (row.label !== "Flag" || !card.warnings.includes(row.value)) rest.push(row);
  }
  lead.sort((a, b) => LEAD.indexOf(a.label) - LEAD.indexOf(b.label));
  return {
    lead,
    rest,
    lines,
    why: card.rows.filter((row) => row.label === "Why").map((row) => row.value),
    without: card.rows.find((row) => row.label === "Without it")?.value ?? "",
    itself: card.rows.filter((row) => OF_ITSELF.has(row.label)),
  };
}

function row({ label, value, mark }: CardRow, texts: DraftTexts): TemplateResult {
  const looks = `${mark ? "odd" : ""} ${value.length > LONG || value.includes("\n") ? "long" : ""}`;
  const odd = mark ? html`<span class="mark"><span aria-hidden="true">!</span> ${plain(mark)}</span>` : nothing;
  return html`<div class=${looks}><dt>${labelled(label, texts)}</dt><dd lang="en">${plainLines(value)}${odd}</dd></div>`;
}

const rows = (list: readonly CardRow[], looks: string, texts: DraftTexts): TemplateResult | typeof nothing =>
  list.length ? html`<dl class=${looks}>${list.map((each) => row(each, texts))}</dl>` : nothing;

// Roles are written out: in a narrow panel each row is a block of its own, which browsers take for no table.
function table(part: CardTable, texts: DraftTexts): TemplateResult {
  const shown = part.columns.map((_, i) => i).filter((i) => part.rows.some((each) => each[i]));
  const name = labelled(part.title, texts);
  return html`<div class="grid" role="region" tabindex="0" aria-label=${name}>
    <table role="table" aria-label=${name}>
      <thead role="rowgroup"><tr role="row">${shown.map((i) => html`<th role="columnheader" scope="col">${labelled(part.columns[i] ?? "", texts)}</th>`)}</tr></thead>
      <tbody role="rowgroup">
        ${part.rows.map(
          (each) => html`<tr role="row">${shown.map((i) => html`<td role="cell" lang="en" data-label=${labelled(part.columns[i] ?? "", texts)} class=${each[i] ? "" : "empty"}>${plain(each[i] || "–")}</td>`)}</tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function tables(card: Card, texts: DraftTexts, isApart: boolean): TemplateResult[] {
  return card.tables
    .filter((part) => APART.has(part.title) === isApart)
    .map((part) => {
      const title = labelled(part.title, texts);
      return isApart
        ? html`<details><summary>${texts.count(title, String(part.rows.length))}</summary>${table(part, texts)}</details>`
        : html`<section class="part"><h4>${title}</h4>${table(part, texts)}</section>`;
    });
}

/** Warnings, facts, grounds and tables of the card; a drawing of it stands below what one looks at first. */
export function cardParts(card: Card, texts: DraftTexts, drawing: TemplateResult | typeof nothing): TemplateResult {
  const { lead, rest, lines, why, without, itself } = sorted(card);
  return html`
    ${card.warnings.length
      ? html`<section class="warnings" aria-label=${texts.warnings}>
          <ui5-icon-pw name="message-warning" aria-hidden="true"></ui5-icon-pw>
          <ul>${card.warnings.map((text) => html`<li lang="en">${plain(text)}</li>`)}</ul>
        </section>`
      : nothing}
    ${rows(lead, "lead", texts)} ${drawing}
    ${[...lines].map(([number, list]) => html`<section class="part"><h4>${texts.changes.line(number)}</h4>${rows(list, "facts", texts)}</section>`)}
    ${without ? html`<section class="without"><h4>${texts.without}</h4><p lang="en">${plain(without)}</p></section>` : nothing}
    ${why.length ? html`<section class="part"><h4>${texts.why}</h4><ul class="why">${why.map((text) => html`<li lang="en">${plain(text)}</li>`)}</ul></section>` : nothing}
    ${rows(rest, "facts", texts)} ${tables(card, texts, false)}
    <div class="folded">
      ${tables(card, texts, true)}
      <details><summary>${texts.more}</summary>${rows(itself, "facts", texts)}</details>
    </div>
  `;
}
