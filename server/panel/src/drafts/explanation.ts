// The card of an explanation, with what whoever looks at it may do: `<pw-explanation explanation-id="...">`.

import { LitElement, css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { Problem, asProblem } from "../connection/problem";
import { plain } from "../language/characters";
import { moment } from "../language/dates";
import type { DraftTexts } from "../language/drafts_en";
import { cell, money } from "../language/numbers";
import type { Surroundings } from "../surroundings";
import { controls } from "../theme/controls";
import { decideExplanation, readExplanation, toneOfExplanation, type Act, type Explanation, type WrittenText } from "./explanations";
import { rolesOf } from "./labels";
import { draftParts, draftStyle } from "./style";

const EVERY_MS = 10_000;

@customElement("pw-explanation")
export class ExplanationCard extends LitElement {
  @property({ attribute: "explanation-id" }) explanationId = "";
  @property({ attribute: false }) around!: Surroundings;
  @state() private shown: Explanation | null = null;
  @state() private problem: Problem | null = null;
  @state() private isRejecting = false;
  @state() private isWanting = false;
  @state() private isBusy = false;
  private timer: ReturnType<typeof setInterval> | undefined;
  private readings = 0;

  static override styles = [
    controls,
    draftParts,
    draftStyle,
    css`
      .amount {
        text-align: end;
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.timer = setInterval(() => {
      if (!document.hidden && !this.isBusy && !this.isRejecting) void this.read();
    }, EVERY_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const isOther = changed.has("explanationId") || (changed.has("around") && changed.get("around")?.subject !== this.around.subject);
    if (!isOther || !this.explanationId) return;
    this.shown = this.problem = null;
    this.isRejecting = false;
    void this.read();
  }

  private async read(): Promise<void> {
    const reading = ++this.readings;
    try {
      const found = await readExplanation(this.around.service, this.explanationId);
      if (reading === this.readings) this.shown = found;
    } catch (error) {
      if (reading === this.readings) this.fail(error);
    }
  }

  private fail(error: unknown): void {
    this.problem = asProblem(error);
    if (this.problem.isLost || this.problem.status === 401) this.around.failed(error);
  }

  private async decide(act: Act, reason = ""): Promise<void> {
    const { shown } = this;
    if (!shown || this.isBusy) return;
    this.isBusy = true;
    this.problem = null;
    try {
      await decideExplanation(this.around.service, shown, act, reason);
      this.isRejecting = false;
      this.around.say(this.around.texts.drafts.explanation.said[act]);
    } catch (error) {
      this.fail(error);
      this.around.say(asProblem(error).message);
    } finally {
      this.isBusy = false;
    }
    // Somebody else may have decided meanwhile: what stands beside the reason is how it stands now.
    const { problem } = this;
    await this.read();
    this.problem = problem;
    this.around.draftsChanged();
    this.dispatchEvent(new CustomEvent("pw-decided"));
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>("article")?.focus();
  }

  private reject(event: SubmitEvent): void {
    event.preventDefault();
    const reason = String(new FormData(event.target as HTMLFormElement).get("reason") ?? "").trim();
    this.isWanting = !reason;
    if (reason) void this.decide("reject", reason);
    else this.renderRoot.querySelector<HTMLElement>("textarea")?.focus();
  }

  private opened(isOpen: boolean): void {
    this.isRejecting = isOpen;
    this.isWanting = false;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(isOpen ? "textarea" : "[data-act=reject]")?.focus());
  }

  protected override render(): TemplateResult {
    const { drafts: texts } = this.around.texts;
    const { shown } = this;
    if (!shown) return html`<article class="gone">${this.problem ? this.trouble(texts) : html`<p class="muted" role="status">${texts.loading}</p>`}</article>`;
    return html`<article tabindex="-1" aria-labelledby="title" data-state=${shown.state} data-id=${shown.id}>
      ${this.head(shown, texts)}
      <div class="body">
        ${this.stale(shown, texts)} ${this.warnings(shown, texts)}
        <p lang="en">${plain(shown.narrative)}</p>
        ${this.bridge(shown, texts)} ${this.who(shown, texts)} ${this.versions(shown, texts)}
      </div>
      <footer>
        ${this.trouble(texts)} ${this.isRejecting ? this.form(texts) : this.actions(shown, texts)}
        <p class="digest"><span title=${texts.digest.why}>${texts.digest.label}</span> <code title=${shown.digest}>${shown.digest.replace("sha256:", "").slice(0, 8)}</code></p>
      </footer>
    </article>`;
  }

  private head(shown: Explanation, texts: DraftTexts): TemplateResult {
    const { language } = this.around;
    const { explanation: said } = texts;
    return html`<header>
      <div class="top">
        <h3 id="title">${plain(shown.reading)}</h3>
        <span>
          ${shown.data === "stale" ? html`<span class="chip bad">${said.stale}</span>` : nothing}
          <span class="chip ${toneOfExplanation(shown.state)}" data-standing>${said.states[shown.state]}</span>
        </span>
      </div>
      <div class="meta">
        <span>${said.drafted(plain(shown.requester), moment(shown.drafted_at, language))}</span>
        <span>${texts.version(shown.version)}</span>
        ${shown.decided_by && shown.decided_at ? html`<span>${said.decided(plain(shown.decided_by), moment(shown.decided_at, language))}</span>` : nothing}
        ${shown.state === "drafted" ? html`<span>${said.until(moment(shown.expires_at, language))}</span>` : nothing}
      </div>
      ${shown.reason ? html`<p class="reason" lang="en">${plain(shown.reason)}</p>` : nothing}
      ${(shown.texts ?? []).map((text) => html`<p data-text=${text.site}>${this.written(text, texts)}${text.reason && text.state !== "executed" ? html` <span>${plain(text.reason)}</span>` : nothing}</p>`)}
    </header>`;
  }

  /** Where its text stands in the ERP. */
  private written(text: WrittenText, texts: DraftTexts): string {
    const { explanation: said } = texts;
    const site = plain(text.site);
    if (text.state === "executed") return text.is_taken_back ? said.takenBack(site, plain(text.document_number)) : said.written(site, plain(text.document_number));
    return said.notWritten(site, texts.states[text.state]);
  }

  private stale(shown: Explanation, texts: DraftTexts): TemplateResult | typeof nothing {
    if (shown.data !== "stale") return nothing;
    const delta = money(shown.delta ?? "0", shown.currency, this.around.language);
    return html`<div class="problem" data-stale>
      <ui5-icon-pw name="message-warning" aria-hidden="true"></ui5-icon-pw>
      <p>${texts.explanation.differs(delta)}</p>
    </div>`;
  }

  private warnings(shown: Explanation, texts: DraftTexts): TemplateResult | typeof nothing {
    if (!shown.caveats.length) return nothing;
    return html`<section class="warnings" aria-label=${texts.warnings}>
      <ui5-icon-pw name="message-warning" aria-hidden="true"></ui5-icon-pw>
      <ul>${shown.caveats.map((text) => html`<li lang="en">${plain(text)}</li>`)}</ul>
    </section>`;
  }

  // Roles are written out: in a narrow panel each row is a block of its own, which browsers take for no table.
  private bridge(shown: Explanation, texts: DraftTexts): TemplateResult {
    const { explanation: said } = texts;
    const { language } = this.around;
    const heads = [said.step, `${said.amount} (${plain(shown.currency)})`, said.cause];
    return html`<section class="part">
      <h4>${said.bridge}</h4>
      <div class="grid" role="region" tabindex="0" aria-label=${said.bridge}>
        <table role="table" aria-label=${said.bridge}>
          <thead role="rowgroup"><tr role="row">${heads.map((name, i) => html`<th role="columnheader" scope="col" class=${i === 1 ? "amount" : ""}>${name}</th>`)}</tr></thead>
          <tbody role="rowgroup">
            ${shown.bridge.map(
              (each) => html`<tr role="row">
                <td role="cell" lang="en" data-label=${heads[0] ?? ""}>${plain(each.step)}</td>
                <td role="cell" class="amount" data-label=${heads[1] ?? ""}>${cell(each.amount, "money", language)}</td>
                <td role="cell" lang="en" data-label=${heads[2] ?? ""} class=${each.cause ? "" : "empty"}>${plain(each.cause ?? "–")}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </section>`;
  }

  private who(shown: Explanation, texts: DraftTexts): TemplateResult | typeof nothing {
    if (shown.state !== "drafted") return nothing;
    const { explanation: said } = texts;
    const why = shown.why_not.publish;
    return html`<section class="who" aria-label=${said.who}>
      <h4>${said.who}</h4>
      <p>${said.another(rolesOf(shown.may_publish, texts))}</p>
      ${why ? html`<p class="why-not">${plain(why)}</p>` : nothing}
    </section>`;
  }

  private versions(shown: Explanation, texts: DraftTexts): TemplateResult | typeof nothing {
    const others = shown.versions.filter((each) => each.id !== shown.id);
    if (!others.length) return nothing;
    return html`<p>
      ${others.map(
        (each) => html`<button type="button" class="link" @click=${() => (this.explanationId = each.id)}>${texts.version(each.version)} (${texts.explanation.states[each.state]})</button> `,
      )}
    </p>`;
  }

  private form(texts: DraftTexts): TemplateResult {
    const { rejecting } = texts;
    return html`<form aria-label=${texts.explanation.rejecting} novalidate @submit=${(event: SubmitEvent) => this.reject(event)}>
      <div><h4>${texts.explanation.rejecting}</h4><p class="muted">${rejecting.hint}</p></div>
      <div class="fields">
        <div class="wide">
          <label>${rejecting.reason} <textarea name="reason" rows="2" maxlength="2000" aria-invalid=${this.isWanting ? "true" : "false"} aria-describedby=${this.isWanting ? "wrong-reason" : nothing}></textarea></label>
          ${this.isWanting ? html`<span class="wrong" id="wrong-reason" role="alert">${texts.needed}</span>` : nothing}
        </div>
      </div>
      <div class="actions">
        <button type="submit" class="button primary" aria-disabled=${this.isBusy ? "true" : "false"}>${this.isBusy ? texts.deciding : texts.explanation.rejecting}</button>
        <button type="button" class="button" @click=${() => this.opened(false)}>${texts.cancel}</button>
      </div>
    </form>`;
  }

  private actions(shown: Explanation, texts: DraftTexts): TemplateResult | typeof nothing {
    const busy = this.isBusy ? "true" : "false";
    const may = new Set(shown.may);
    if (!may.size) return nothing;
    return html`<div class="actions" role="group" aria-label=${texts.decide}>
      ${may.has("publish")
        ? html`<button type="button" class="button primary" data-act="publish" aria-disabled=${busy} @click=${() => void this.decide("publish")}>${this.isBusy ? texts.deciding : texts.explanation.publish(shown.version)}</button>`
        : nothing}
      ${may.has("reject") ? html`<button type="button" class="button danger" data-act="reject" aria-disabled=${busy} @click=${() => this.opened(true)}>${texts.reject}</button>` : nothing}
    </div>`;
  }

  private trouble(texts: DraftTexts): TemplateResult | typeof nothing {
    const { problem } = this;
    if (!problem) return nothing;
    return html`<div class="problem" role="alert">
      <ui5-icon-pw name="message-warning" aria-hidden="true"></ui5-icon-pw>
      <div><strong>${texts.problems[problem.title] ?? this.around.texts.problem.own(plain(problem.title))}</strong><p>${this.around.texts.problem.own(plain(problem.message))}</p></div>
    </div>`;
  }
}
