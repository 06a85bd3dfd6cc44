// A result table that can be sorted, filtered, copied and saved: `<pw-table>`.

import { LitElement, css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Cell, Evidence, Spoken, Table } from "../connection/records";
import { plain, titled } from "../language/characters";
import { month, when } from "../language/dates";
import { cell, column, count, isDecimal, isNumeric } from "../language/numbers";
import { controls } from "../theme/controls";
import type { Surroundings } from "../surroundings";
import { copied, saved } from "./clipboard";
import { csv, fileName } from "./csv";
import { columnsOf, filtered, next, sorted, type Order } from "./sorting";

const FIRST = 12;
const MORE = 50;
const FILTER_FROM = 8;
/** Characters of a cell that needs room to be read in. */
const LONG = 28;
const PHRASE = 12;

type Row = readonly Cell[];

@customElement("pw-table")
export class ResultTable extends LitElement {
  @property({ attribute: false }) around!: Surroundings;
  @property({ attribute: false }) table!: Table;
  @property({ attribute: false }) evidence: Evidence | null = null;
  @property() spoken: Spoken = "en";
  @state() private order: Order | null = null;
  @state() private words = "";
  @state() private most = FIRST;
  @state() private said = "";

  static override styles = [
    controls,
    css`
      :host {
        display: block;
        container-type: inline-size;
      }
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 14px;
        min-height: 32px;
        color: var(--pw-soft);
        font-size: 13px;
      }
      .bar input {
        width: 180px;
        max-width: 100%;
        min-height: 30px;
        padding: 2px 10px;
        border: 1px solid var(--pw-line-strong);
        border-radius: 7px;
        background: var(--pw-sheet);
        color: var(--pw-ink);
      }
      .actions {
        display: flex;
        gap: 14px;
        margin-inline-start: auto;
      }
      .grid {
        max-height: 460px;
        overflow: auto;
        border: 1px solid var(--pw-line);
        border-radius: var(--pw-radius);
      }
      .bar + .grid {
        margin-top: 4px;
      }
      table {
        width: 100%;
        border-collapse: separate;
        border-spacing: 0;
        font-size: 13.5px;
      }
      th {
        position: sticky;
        top: 0;
        z-index: 1;
        padding: 0;
        border-bottom: 1px solid var(--pw-line);
        background: var(--pw-sunk);
        text-align: start;
        vertical-align: bottom;
      }
      th button {
        display: flex;
        align-items: baseline;
        gap: 5px;
        width: 100%;
        min-height: 36px;
        padding: 7px 12px;
        border: 0;
        background: none;
        font-weight: 600;
        font-size: 12.5px;
        text-align: start;
        white-space: nowrap;
      }
      th button:hover {
        color: var(--pw-accent);
      }
      th button:focus-visible {
        outline-offset: -3px;
      }
      th.num button {
        justify-content: flex-end;
      }
      .unit {
        color: var(--pw-soft);
        font-weight: 400;
      }
      .way:empty {
        display: none;
      }
      .way {
        color: var(--pw-accent);
        font-size: 10px;
      }
      td {
        padding: 6px 12px;
        border-bottom: 1px solid var(--pw-line);
        vertical-align: top;
        overflow-wrap: break-word;
        max-width: 420px;
      }
      tr:last-child td {
        border-bottom: 0;
      }
      tbody tr:hover td {
        background: var(--pw-sunk);
      }
      .num {
        text-align: end;
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
      }
      td.num.opens {
        cursor: pointer;
      }
      td.num.opens:hover {
        color: var(--pw-accent);
        text-decoration: underline;
        text-underline-offset: 3px;
      }
      .phrase {
        min-width: 110px;
      }
      .long {
        min-width: 190px;
      }
      .code {
        white-space: nowrap;
      }
      .key {
        margin-inline-start: 7px;
        color: var(--pw-soft);
        font-size: 12.5px;
      }
      .none {
        padding: 14px 12px;
        color: var(--pw-soft);
      }
      @container (max-width: 420px) {
        th button {
          flex-wrap: wrap;
          gap: 0 5px;
          padding-inline: 7px;
          font-size: 12px;
          white-space: normal;
        }
        td {
          padding-inline: 7px;
        }
        .phrase {
          min-width: 96px;
        }
        .long {
          min-width: 150px;
        }
      }
      @media (pointer: coarse) {
        th button,
        .bar input {
          min-height: 44px;
        }
      }
    `,
  ];

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("table")) return;
    this.order = null;
    this.words = "";
    this.most = FIRST;
  }

  protected override render(): TemplateResult {
    const { table: texts } = this.around.texts;
    const { table } = this;
    const columns = columnsOf(table);
    const rows = this.rows();
    const shown = rows.slice(0, this.most);
    const written = columns.map(({ at }) => this.written(shown, at));
    const left = rows.length - shown.length;
    const label = plain(table.title) || texts.result;
    return html`${this.bar(rows)}
      <div class="grid" role="group" aria-label=${label} tabindex="0">
        <table>
          <thead>
            <tr>${columns.map(({ at }) => this.heading(at))}</tr>
          </thead>
          <tbody>
            ${shown.map((row, r) => html`<tr>${columns.map(({ at, code }, c) => this.cell(row, at, code, written[c]![r]!))}</tr>`)}
          </tbody>
        </table>
        ${shown.length ? nothing : html`<p class="none">${this.words ? texts.noMatch : texts.none}</p>`}
      </div>
      ${left > 0 ? html`<button type="button" class="link more" @click=${() => (this.most += MORE)}>${texts.more(count(Math.min(MORE, left), this.spoken))}</button>` : nothing}`;
  }

  private rows(): readonly Row[] {
    const { table } = this;
    const kinds = table.kinds;
    const chosen = filtered(table.rows, this.words, (row) => row.map((value, i) => `${this.written([row], i)[0]} ${String(value ?? "")}`).join(" "));
    return sorted(chosen, this.order, this.order ? kinds[this.order.column] : undefined, this.spoken);
  }

  private written(rows: readonly Row[], at: number): string[] {
    const kind = this.table.kinds[at] ?? "text";
    if (kind === "date") return rows.map((row) => (typeof row[at] === "string" ? when(row[at], this.spoken) : cell(row[at], kind, this.spoken)));
    if (this.table.names[at] === "month") return rows.map((row) => (typeof row[at] === "string" ? month(row[at], this.spoken) : cell(row[at], kind, this.spoken)));
    return column(rows.map((row) => row[at]), kind, this.spoken);
  }

  private bar(rows: readonly Row[]): TemplateResult {
    const { table: texts } = this.around.texts;
    const { table } = this;
    const total = table.total_rows ?? table.rows.length;
    const number = (value: number): string => count(value, this.spoken);
    const counted = this.words
      ? texts.matching(number(rows.length), number(table.rows.length))
      : table.truncated || total > table.rows.length
        ? texts.firstOf(number(table.rows.length), number(total))
        : texts.rows(number(table.rows.length));
    return html`<div class="bar">
      <span role="status">${counted}</span>
      ${table.rows.length >= FILTER_FROM ? html`<input type="search" aria-label=${texts.filterRows} placeholder=${texts.filter} .value=${this.words} @input=${(event: InputEvent) => (this.words = (event.target as HTMLInputElement).value)} />` : nothing}
      <span class="actions">
      ${this.evidence ? html`<button type="button" class="link" @click=${(event: Event) => this.around.openEvidence(this.evidence!, null, event.currentTarget as HTMLElement)}>${texts.evidence}</button>` : nothing}
      <button type="button" class="link" aria-label=${texts.copyTable} @click=${this.copy}>${this.said || texts.copy}</button>
      <button type="button" class="link" aria-label=${texts.download} @click=${this.save}>${texts.csv}</button>
      </span>
    </div>`;
  }

  private heading(at: number): TemplateResult {
    const { table: texts } = this.around.texts;
    const { table } = this;
    const isSorted = this.order?.column === at;
    const label = titled(table.columns[at] ?? "");
    const way = isSorted ? (this.order!.direction === "ascending" ? "▲" : "▼") : "";
    return html`<th scope="col" class=${isNumeric(table.kinds[at]) ? "num" : ""} aria-sort=${isSorted ? this.order!.direction : "none"}>
      <button type="button" title=${texts.sortBy(label)} @click=${() => (this.order = next(this.order, at, table.kinds[at]))}><span>${label}</span>${table.units[at] ? html`<span class="unit">${plain(table.units[at])}</span>` : nothing}<span class="way" aria-hidden="true">${way}</span></button>
    </th>`;
  }

  private cell(row: Row, at: number, code: number | null, text: string): TemplateResult {
    const kind = this.table.kinds[at] ?? "text";
    const value = row[at];
    const key = code === null ? nothing : html`<span class="key">${cell(row[code], "id", this.spoken)}</span>`;
    if (!isNumeric(kind)) return html`<td class=${kind === "id" || kind === "date" ? "code" : text.length > LONG ? "long" : text.length > PHRASE ? "phrase" : ""}>${text}${key}</td>`;
    if (!isDecimal(value) || !this.evidence) return html`<td class="num">${text}</td>`;
    // For the mouse; the keyboard has the table's own button, which leads to the same place.
    const open = (event: Event): void => {
      if (String(getSelection())) return;
      const picked = { label: this.table.columns[at] ?? "", value, unit: this.table.units[at] ?? "", kind };
      this.around.openEvidence(this.evidence!, picked, event.currentTarget as HTMLElement);
    };
    return html`<td class="num opens" title=${value} @click=${open}>${text}</td>`;
  }

  private async copy(): Promise<void> {
    const { table: texts } = this.around.texts;
    this.said = (await copied(csv(this.table, this.rows()))) ? texts.copied : texts.cannotCopy;
    this.around.say(this.said);
    setTimeout(() => (this.said = ""), 2000);
  }

  private save(): void {
    saved(csv(this.table, this.rows()), fileName(this.table.title, "plantwright"));
  }
}
