// One answer: the sentence, its figures, charts and tables, how it was read, and what can be asked next.

import { LitElement, html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../charts/chart";
import "./table";
import type { Answer, Evidence, Table } from "../connection/records";
import type { TurnActions } from "../conversation/turn";
import { EXPLANATION } from "../drafts/explanations";
import { ofAnswer } from "../charts/forms";
import { plain, titled } from "../language/characters";
import { day } from "../language/dates";
import { cell, count, isDecimal, isNumeric, number, written } from "../language/numbers";
import { controls } from "../theme/controls";
import type { Picked, Surroundings } from "../surroundings";
import { copied } from "./clipboard";
import { byId, evidenceOf, kindOf, lines, type Part } from "./prose";
import { answerStyle } from "./style";

/** More figures than these are a table, not cards. */
const CARDS = 6;
const LABELLED = new Set(["page", "revision", "valid_to"]);

@customElement("pw-answer")
export class AnswerView extends LitElement {
  @property({ attribute: false }) around!: Surroundings;
  @property({ attribute: false }) answer!: Answer;
  @property({ attribute: false }) on!: TurnActions;
  @property({ type: Boolean }) latest = false;
  /** Width in pixels that charts may take. */
  @property({ type: Number }) place = 0;
  @state() private said = "";

  static override styles = [controls, answerStyle];

  protected override render(): TemplateResult {
    const { answer } = this;
    const cards = this.cards();
    return html`${this.verdict()}${this.supposed()}${this.sentences()}
      ${answer.draft ? this.drafted(answer.draft) : nothing}
      ${cards}${answer.tables.map((_, t) => this.result(t, cards !== nothing))}
      ${this.notes()}${this.readings()}${this.suggestions()}${this.foot()}`;
  }

  private drafted({ id, kind }: { id: string; kind?: string }): TemplateResult {
    if (kind === EXPLANATION) return html`<pw-explanation explanation-id=${id} .around=${this.around}></pw-explanation>`;
    return html`<pw-draft draft-id=${id} .around=${this.around} .evidence=${this.answer.evidence}></pw-draft>`;
  }

  private verdict(): TemplateResult | typeof nothing {
    const { status, alternatives } = this.answer;
    if (status === "answered" || (status === "clarify" && !alternatives.length)) return nothing;
    return html`<h3 class="verdict ${status}">${this.around.texts.answer.verdicts[status]}</h3>`;
  }

  /** That the figures are of a world that is not, and of which. */
  private supposed(): TemplateResult | typeof nothing {
    const { hypothetical = [], language } = this.answer;
    if (!hypothetical.length) return nothing;
    const { answer: texts } = this.around.texts;
    return html`<p class="supposed" role="note"><strong>${texts.hypothetical}</strong> <span lang=${language}>${hypothetical.map(plain).join("; ")}</span> <span class="muted">${texts.nothingChanged}</span></p>`;
  }

  private sentences(): TemplateResult[] {
    return lines(this.answer).map((parts) => html`<p class="text" lang=${this.answer.language}>${parts.map((part) => this.piece(part))}</p>`);
  }

  private piece({ text, figure }: Part): TemplateResult | string {
    if (!figure?.evidence) return text;
    return this.opens(figure.evidence, figure, html`${text}`, "figure");
  }

  private opens(evidence: Evidence, picked: Picked | null, content: TemplateResult | string, looks: string): TemplateResult {
    const { answer: texts } = this.around.texts;
    const title = picked ? `${texts.exactly(isDecimal(picked.value) ? written(picked.value, this.around.language, 0, 20) : plain(picked.value))} · ${texts.openEvidence}` : texts.openEvidence;
    return html`<button type="button" class=${looks} title=${title} @click=${(event: Event) => this.around.openEvidence(evidence, picked, event.currentTarget as HTMLElement)}>${content}</button>`;
  }

  private cards(): TemplateResult | typeof nothing {
    const { answer } = this;
    if (!answer.figures.length || answer.figures.length > CARDS || answer.tables.some((table) => table.rows.length > 1)) return nothing;
    return html`<ul class="figures">
      ${answer.figures.map((figure) => {
        const kind = kindOf(figure, answer);
        const content = html`<span class="label">${titled(figure.label)}</span><span class="value">${number(figure.value, kind, answer.language)}${figure.unit ? html` <small>${plain(figure.unit)}</small>` : nothing}</span>`;
        const evidence = byId(answer, figure.evidence);
        return html`<li>${evidence ? this.opens(evidence, { ...figure, kind }, content, "card") : html`<div class="card">${content}</div>`}</li>`;
      })}
    </ul>`;
  }

  private result(t: number, hasCards: boolean): TemplateResult | typeof nothing {
    const { answer } = this;
    const table = answer.tables[t]!;
    if (answer.tables[t + 1]?.restates) return nothing;
    const numbers = table.kinds.filter(isNumeric).length;
    // One row that the cards already show in full needs no table of its own.
    if (hasCards && table.rows.length === 1 && numbers === table.columns.length && numbers <= answer.figures.length) return nothing;
    const first = table.restates ? t - 1 : t;
    const charts = answer.charts.filter((spec) => spec.table === t || spec.table === first);
    return html`<section class="result">
      ${table.title && answer.tables.length > 1 ? html`<h3>${plain(table.title)}</h3>` : nothing}
      ${charts.map((spec) => html`<pw-chart .around=${this.around} .data=${ofAnswer(spec, answer)} .place=${this.place}></pw-chart>`)}
      ${table.kinds.includes("quote") ? this.quotes(table) : html`<pw-table .around=${this.around} .table=${table} .evidence=${evidenceOf(answer, t)} spoken=${answer.language}></pw-table>`}
    </section>`;
  }

  /** Each quote over a line that says where it stands; text from outside is never markup. */
  private quotes(table: Table): TemplateResult {
    const at = table.kinds.indexOf("quote");
    return html`<div class="quotes">
      ${table.rows.map((row) => {
        const where = row.flatMap((value, i) => {
          if (i === at || value === null) return [];
          const text = cell(value, table.kinds[i] ?? "text", this.answer.language);
          return [LABELLED.has(table.names[i] ?? "") ? `${titled(table.columns[i] ?? "")} ${text}` : text];
        });
        return html`<figure><blockquote>${plain(row[at] ?? "")}</blockquote><figcaption>${where.join(" · ")}</figcaption></figure>`;
      })}
    </div>`;
  }

  private notes(): TemplateResult | typeof nothing {
    const { answer } = this;
    const { answer: texts, shell } = this.around.texts;
    const oldest = answer.evidence.map((one) => one.data_as_of).filter((one) => one !== null).sort()[0];
    const remarks = [...answer.caveats.map(plain), ...answer.not_comparable.map((one) => plain(one.reason)).filter((reason) => !answer.caveats.includes(reason))];
    if (!answer.reading && !remarks.length && !answer.evidence.length) return nothing;
    return html`<dl class="notes">
      ${answer.reading ? html`<div><dt>${texts.readAs}</dt><dd lang=${answer.language}>${plain(answer.reading)}</dd></div>` : nothing}
      ${remarks.length ? html`<div class="caveats"><dt>${texts.notes}</dt><dd><ul>${remarks.map((remark) => html`<li lang=${answer.language}>${remark}</li>`)}</ul></dd></div>` : nothing}
      ${answer.evidence.length
        ? html`<div><dt>${texts.restsOn}</dt><dd>${answer.evidence.map((one) => this.opens(one, null, this.basis(one), "link"))}${oldest ? html`<span class="muted">${shell.dataAsOf(day(oldest, this.around.language))}</span>` : nothing}</dd></div>`
        : nothing}
    </dl>`;
  }

  private basis(evidence: Evidence): string {
    const { language, texts } = this.around;
    const records = evidence.sources.map((one) => `${texts.record(plain(one.record))}${one.rows === null ? "" : ` (${count(one.rows, language)})`}`);
    const systems = [...new Set(evidence.sources.map((one) => plain(one.system)))].join(", ");
    const shown = records.slice(0, 3).join(", ") + (records.length > 3 ? `, ${texts.answer.more(records.length - 3)}` : "");
    return systems ? `${systems}: ${shown}` : plain(evidence.tool);
  }

  private readings(): TemplateResult | typeof nothing {
    const { answer } = this;
    const { answer: texts } = this.around.texts;
    if (!answer.alternatives.length) return nothing;
    const label = answer.status === "answered" ? texts.otherReadings : texts.readings;
    return html`<div class="choices" role="group" aria-label=${label}>
      <p class="tag">${label}</p>
      ${answer.alternatives.map(
        (one) => html`<button type="button" class="choice" aria-keyshortcuts=${this.latest ? one.key : nothing} @click=${() => this.on.choose(answer, one)}><kbd>${one.key}</kbd><span lang=${answer.language}>${plain(one.reading)}</span></button>`,
      )}
    </div>`;
  }

  /** The first reading that is offered, for the focus. */
  focusReadings(): void {
    this.renderRoot.querySelector<HTMLElement>(".choice")?.focus({ preventScroll: true });
  }

  private suggestions(): TemplateResult | typeof nothing {
    const { answer } = this;
    const { answer: texts } = this.around.texts;
    if (!answer.suggestions.length) return nothing;
    const label = answer.status === "answered" ? texts.askNext : texts.canAsk;
    return html`<div class="next ${answer.status}" role="group" aria-label=${label}>
      <p class="tag">${label}</p>
      <div>${answer.suggestions.map((text) => html`<button type="button" class="pill" lang=${answer.language} @click=${() => this.around.ask(text)}>${plain(text)}</button>`)}</div>
    </div>`;
  }

  private foot(): TemplateResult {
    const { answer } = this;
    const { answer: texts } = this.around.texts;
    return html`<footer class="foot">
      <span>${plain(answer.model)} · ${texts.took(count(Math.round(answer.timings.total_ms), this.around.language))}</span>
      <span class="grow"></span>
      ${answer.answer ? html`<button type="button" class="link" @click=${this.copy}>${this.said || texts.copy}</button>` : nothing}
      ${answer.tool_calls.length ? html`<button type="button" class="link" @click=${() => this.on.replay(answer)}>${texts.again}</button>` : nothing}
    </footer>`;
  }

  private async copy(): Promise<void> {
    const { answer: texts } = this.around.texts;
    this.said = (await copied(this.answer.answer)) ? texts.copied : texts.cannotCopy;
    this.around.say(this.said);
    setTimeout(() => (this.said = ""), 2000);
  }
}
