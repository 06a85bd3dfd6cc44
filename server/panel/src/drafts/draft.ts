// A draft's card that keeps itself current, with what whoever looks at it may do: `<pw-draft draft-id="...">`.
// Fires `pw-version` with the id of the version that took its place, when that was made here.

import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { Problem, asProblem } from "../connection/problem";
import type { Evidence } from "../connection/records";
import { plain } from "../language/characters";
import { moment } from "../language/dates";
import type { DraftTexts } from "../language/drafts_en";
import type { Surroundings } from "../surroundings";
import { controls } from "../theme/controls";
import { boardOf, type Board } from "./board";
import { cardParts } from "./card";
import { changesOf, type Change } from "./changes";
import { leftOf } from "./expiry";
import { change, finding, formOf, rejection, type Asked, type Filled } from "./forms";
import { deed, kindOf, pathed, rolesOf, writing } from "./labels";
import { inTheWayOf, offNotice } from "./offs";
import { planPart } from "./plan";
import type { DraftDetail, DraftShown, Kind, Off } from "./records";
import { toneOf } from "./states";
import { draftParts, draftStyle } from "./style";

const TICK_MS = 20_000;
/** Kinds whose document the same flow takes back; moves of work orders go back by moves. */
const TAKEN_BACK: ReadonlySet<Kind> = new Set<Kind>(["purchase_requisition", "stock_transfer", "quality_hold", "published_text"]);

export const short = (digest: string): string => digest.replace("sha256:", "").slice(0, 8);

@customElement("pw-draft")
export class DraftCard extends LitElement {
  @property({ attribute: "draft-id" }) draftId = "";
  @property({ attribute: false }) around!: Surroundings;
  /** Of the answer that the draft came with. */
  @property({ attribute: false }) evidence: readonly Evidence[] = [];
  /** Keeps the decisions in sight while the card is scrolled. */
  @property({ type: Boolean }) docked = false;
  @state() private shown: DraftDetail | null = null;
  @state() private problem: Problem | null = null;
  @state() private asked: Asked | null = null;
  @state() private wrong: { field: string; words: string } | null = null;
  @state() private isBusy = false;
  @state() private isWhole = false;
  @state() private earlier: DraftDetail | null = null;
  @state() private off: readonly Off[] = [];
  @state() private now = Date.now();
  private board: Board | null = null;
  private watching = "";
  private ends: (() => void) | null = null;
  private ticking: ReturnType<typeof setInterval> | undefined;

  static override styles = [controls, draftParts, draftStyle];

  override connectedCallback(): void {
    super.connectedCallback();
    this.ticking = setInterval(() => this.tick(), TICK_MS);
    if (this.around && this.draftId) this.watch(this.draftId);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.ticking);
    this.leave();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const isOther = changed.has("draftId") && this.draftId !== this.watching;
    const isElsewhere = changed.has("around") && this.board !== boardOf(this.around.service);
    if (isOther || isElsewhere || (changed.has("around") && changed.get("around")?.subject !== this.around.subject)) this.watch(this.draftId);
    // The card comes in the panel's language.
    else if (changed.has("around") && changed.get("around")?.language !== this.around.language) void this.board?.refresh(this.draftId);
  }

  private watch(id: string): void {
    this.leave();
    this.board = boardOf(this.around.service);
    this.watching = id;
    this.shown = this.earlier = this.problem = this.asked = null;
    if (!id) return;
    this.ends = this.board.watch(
      id,
      (now) => this.hear(now),
      (error) => this.fail(error),
    );
    void this.board.off().then(
      (off) => (this.off = off),
      () => undefined,
    );
  }

  private leave(): void {
    this.ends?.();
    this.ends = null;
  }

  private hear(now: DraftDetail): void {
    const { shown } = this;
    this.shown = now;
    this.now = Date.now();
    if (!shown) {
      this.problem = null;
      if (now.version > 1) void this.compare(now);
      return;
    }
    if (shown.state === now.state) return;
    const { drafts: texts } = this.around.texts;
    const number = now.document_number ? `, ${texts.document(plain(now.document_number))}` : "";
    this.around.say(`${texts.states[now.state]}${number}`);
    if (!now.may.includes("edit")) this.asked = null;
    this.around.draftsChanged();
  }

  private fail(error: unknown): void {
    this.problem = asProblem(error);
    if (this.problem.isLost || this.problem.status === 401) this.around.failed(error);
  }

  private tick(): void {
    const { shown } = this;
    if (shown?.state !== "awaiting_confirmation") return;
    this.now = Date.now();
    if (new Date(shown.expires_at).getTime() <= this.now) void this.board?.refresh(shown.id);
  }

  private async compare(now: DraftDetail): Promise<void> {
    const older = now.versions.filter((each) => each.version < now.version).at(-1);
    if (!older || !this.board) return;
    this.earlier = await this.board.detail(older.id).catch(() => null);
  }

  /** Runs a decision about exactly what is shown; what comes of it, or why nothing does, is said and shown. */
  private async decide(work: (board: Board, shown: DraftDetail) => Promise<DraftShown | null>, said: (done: DraftShown) => string): Promise<void> {
    const { shown, board } = this;
    if (!shown || !board || this.isBusy || board.isDeciding(shown.id)) return;
    this.isBusy = true;
    this.problem = null;
    try {
      const done = await work(board, shown);
      if (!done) return;
      this.asked = null;
      this.around.say(said(done));
      if (done.id !== shown.id) this.follow(done.id);
      this.around.draftsChanged();
      await this.updateComplete;
      this.renderRoot.querySelector<HTMLElement>("article")?.focus();
    } catch (error) {
      // Somebody else may have decided meanwhile: the board has read how it stands now.
      this.problem = asProblem(error);
      this.around.say(this.problem.message);
      if (this.problem.isLost || this.problem.status === 401) this.around.failed(error);
      this.off = await board.off().catch(() => this.off);
    } finally {
      this.isBusy = false;
    }
  }

  /** Shows another version in this place. */
  private follow(id: string): void {
    this.draftId = id;
    this.watch(id);
    this.dispatchEvent(new CustomEvent("pw-version", { detail: id }));
  }

  private confirm(): Promise<void> {
    const { drafts: texts } = this.around.texts;
    return this.decide(
      (board, shown) => board.confirm(shown),
      (done) => {
        const left = done.signatures.count - done.signed.length;
        return done.state === "awaiting_confirmation" && left > 0 ? texts.said.signed(left) : texts.said.confirmed(plain(done.summary));
      },
    );
  }

  private takeBack(): Promise<void> {
    const { drafts: texts } = this.around.texts;
    return this.decide(
      (board, shown) => board.takeBack(shown),
      (done) => texts.said.takingBack(plain(done.summary)),
    );
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    const { shown, asked } = this;
    if (!shown || !asked) return;
    const { drafts: texts } = this.around.texts;
    const given = new FormData(event.target as HTMLFormElement);
    switch (asked) {
      case "reject":
        return this.sent(rejection(given, texts), (board, reason) => board.reject(shown, reason), () => texts.said.rejected);
      case "edit":
        return this.sent(change(given, shown, texts), (board, edit) => board.edit(shown, edit), (done) => texts.said.edited(done.version));
      case "reconcile":
        return this.sent(finding(given, texts), (board, found) => board.reconcile(shown, found), () => texts.said.reconciled);
    }
  }

  private sent<T>(filled: Filled<T>, work: (board: Board, value: T) => Promise<DraftShown | null>, said: (done: DraftShown) => string): void {
    this.wrong = filled.kind === "wrong" ? filled : null;
    if (filled.kind === "wrong") void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(`[name=${filled.field}]`)?.focus());
    else void this.decide((board) => work(board, filled.value), said);
  }

  private open(asked: Asked): void {
    this.asked = asked;
    this.wrong = null;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>("form input, form textarea, form select")?.focus());
  }

  private cancel(): void {
    const { asked } = this;
    this.asked = null;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(`[data-act=${asked}]`)?.focus());
  }

  protected override render(): TemplateResult {
    const { drafts: texts } = this.around.texts;
    const { shown } = this;
    if (!shown) return this.problem ? html`<article class="gone">${this.trouble()}</article>` : html`<article class="gone"><p class="muted" role="status">${texts.loading}</p></article>`;
    return html`<article tabindex="-1" aria-labelledby="title" data-state=${shown.state} data-id=${shown.id} @keydown=${(event: KeyboardEvent) => this.pressed(event)}>
      ${this.head(shown, texts)}
      <div class="body">
        ${shown.state === "awaiting_confirmation" ? offNotice(inTheWayOf(shown, this.off), texts, this.around.language) : nothing} ${this.changes(shown, texts)}
        ${cardParts(shown.card, texts, planPart(shown, this.around))} ${this.who(shown, texts)} ${this.proof(texts)} ${this.history(shown, texts)}
      </div>
      ${this.foot(shown, texts)}
    </article>`;
  }

  private pressed(event: KeyboardEvent): void {
    if (event.key !== "Escape" || !this.asked) return;
    event.stopPropagation();
    this.cancel();
  }

  private head(shown: DraftDetail, texts: DraftTexts): TemplateResult {
    const { language } = this.around;
    const waits = shown.state === "awaiting_confirmation";
    const left = waits ? leftOf(shown.expires_at, this.now, texts) : null;
    return html`<header>
      <div class="top">
        <h3 id="title">${texts.titled(kindOf(shown.kind, texts), plain(shown.site))}</h3>
        <span>
          ${waits && shown.escalated_at ? html`<span class="chip bad">${texts.escalated}</span>` : nothing}
          <span class="chip ${toneOf(shown.state)}" data-standing>${texts.states[shown.state]}</span>
        </span>
      </div>
      <div class="meta">
        ${shown.document_number ? html`<strong>${texts.document(plain(shown.document_number))}</strong>` : nothing}
        <span>${texts.asked(plain(shown.requester_name || shown.requester), moment(shown.created_at, language))}</span>
        <span>${texts.version(shown.version)}</span>
        ${left ? html`<span class=${left.isLittle ? "little" : ""} title=${moment(shown.expires_at, language)}>${texts.expires.label} ${texts.expires.left(left.words)}</span>` : nothing}
      </div>
      ${shown.reason ? html`<p class="reason">${plain(shown.reason)}</p>` : nothing} ${this.late(shown, texts)} ${this.parts(shown, texts)} ${this.newer(shown, texts)}
    </header>`;
  }

  /** What came only after it was drafted, in words of the service: no colour and no sign says it alone. */
  private late(shown: DraftDetail, texts: DraftTexts): TemplateResult | typeof nothing {
    const late = shown.came_late ?? [];
    if (!late.length) return nothing;
    return html`<section class="reason" data-late aria-label=${texts.late}>
      <strong>${texts.late}</strong>
      ${late.map((text) => html`<p>${plain(text)}</p>`)}
    </section>`;
  }

  /** Where each document stands of a draft that has several. */
  private parts(shown: DraftDetail, texts: DraftTexts): TemplateResult | typeof nothing {
    const parts = shown.parts ?? [];
    if (!parts.length) return nothing;
    const written = parts.filter((part) => part.state === "executed").length;
    return html`<details ?open=${written < parts.length} data-parts>
      <summary>${texts.parts(String(written), String(parts.length))}</summary>
      <ul>
        ${parts.map((part) => html`<li><strong>${plain(part.name)}</strong> ${texts.states[part.state]}${part.document_number ? html`, ${texts.document(plain(part.document_number))}` : nothing}</li>`)}
      </ul>
    </details>`;
  }

  private newer(shown: DraftDetail, texts: DraftTexts): TemplateResult | typeof nothing {
    const last = shown.versions.at(-1);
    if (shown.state !== "superseded" || !last || last.version <= shown.version) return nothing;
    return html`<p class="reason"><button type="button" class="button" @click=${() => this.follow(last.id)}>${texts.changes.newer(last.version)}</button></p>`;
  }

  private changes(shown: DraftDetail, texts: DraftTexts): TemplateResult | typeof nothing {
    const { earlier: before } = this;
    if (!before || before.series !== shown.series) return nothing;
    const all = changesOf(before, shown, writing(this.around.language));
    const isGround = (each: Change): boolean => each.path[0] === "grounds";
    const [written, grounds] = [all.filter((each) => !isGround(each)), all.filter(isGround)];
    const title = texts.changes.title(before.version);
    return html`<section class="changes" aria-label=${title}>
      <h4>${title}</h4>
      ${written.length ? this.compared(written, title, texts) : html`<p>${texts.changes.none}</p>`}
      ${grounds.length ? html`<details><summary>${texts.count(texts.why, String(grounds.length))}</summary>${this.compared(grounds, texts.why, texts)}</details>` : nothing}
    </section>`;
  }

  private compared(changes: readonly Change[], name: string, texts: DraftTexts): TemplateResult {
    const { changes: said } = texts;
    return html`<div class="grid" role="region" tabindex="0" aria-label=${name}>
      <table role="table" aria-label=${name}>
        <thead role="rowgroup"><tr role="row">${[said.field, said.before, said.after].map((text) => html`<th role="columnheader" scope="col">${text}</th>`)}</tr></thead>
        <tbody role="rowgroup">
          ${changes.map(
            (each) => html`<tr role="row">
              <td role="cell" data-label=${said.field}>${pathed(each.path, texts)}</td>
              <td role="cell" data-label=${said.before} lang="en">${each.before === null ? said.gone : html`<del>${each.before}</del>`}</td>
              <td role="cell" data-label=${said.after} lang="en">${each.after === null ? said.gone : html`<ins>${each.after}</ins>`}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  private who(shown: DraftDetail, texts: DraftTexts): TemplateResult {
    const { signatures: said } = texts;
    const { count, roles, reason } = shown.signatures;
    const open = shown.state === "awaiting_confirmation" ? Math.max(0, count - shown.signed.length) : 0;
    return html`<section class="who" aria-label=${said.title}>
      <h4>${said.title}</h4>
      <p><strong>${said.needed(shown.signed.length, count)}</strong> ${said.roles(rolesOf(roles, texts))}. <span class="muted">${plain(reason)}</span></p>
      ${shown.signed.length + open > 0
        ? html`<p class="signed">
            ${shown.signed.map((each) => html`<span class="chip good">${said.signed(plain(each.name || each.by), moment(each.at, this.around.language))}${each.acting_for ? ` ${said.acting(plain(each.acting_for))}` : ""}</span>`)}
            ${Array.from({ length: open }, () => html`<span class="chip plain">${said.missing}</span>`)}
          </p>`
        : nothing}
      ${this.whyNot(shown, texts)}
    </section>`;
  }

  /** Why whoever looks at it has no button to confirm it. */
  private whyNot(shown: DraftDetail, texts: DraftTexts): TemplateResult | typeof nothing {
    if (shown.state !== "awaiting_confirmation" || shown.may.includes("confirm")) return nothing;
    const { signatures: said } = texts;
    const { subject } = this.around;
    let words = said.notYours(rolesOf(shown.signatures.roles, texts));
    if (shown.signed.some((each) => each.by === subject)) words = said.signedAlready;
    else if (shown.requester === subject && !shown.signatures.requester_may) words = said.own;
    return html`<p class="why-not">${words}</p>`;
  }

  private proof(texts: DraftTexts): TemplateResult | typeof nothing {
    if (!this.evidence.length) return nothing;
    return html`<p>
      ${this.evidence.map(
        (each) => html`<button type="button" class="link" @click=${(event: Event) => this.around.openEvidence(each, null, event.currentTarget as HTMLElement)}>${texts.evidence(plain(each.tool.replaceAll("_", " ")))}</button>`,
      )}
    </p>`;
  }

  private history(shown: DraftDetail, texts: DraftTexts): TemplateResult | typeof nothing {
    if (!shown.history.length) return nothing;
    return html`<details>
      <summary>${texts.history(shown.history.length)}</summary>
      <ol class="steps">
        ${shown.history.map(
          (step) => html`<li>
            <time datetime=${step.at}>${moment(step.at, this.around.language)}</time> ${texts.step(texts.states[step.state], plain(step.by))}${step.what ? html` <span class="muted">${plain(step.what)}</span>` : nothing}
          </li>`,
        )}
      </ol>
    </details>`;
  }

  private foot(shown: DraftDetail, texts: DraftTexts): TemplateResult {
    const form = this.asked && {
      shown,
      texts,
      wrong: this.wrong,
      isBusy: this.isBusy,
      submit: (event: SubmitEvent) => this.submit(event),
      cancel: () => this.cancel(),
    };
    const isDocked = this.docked && !this.asked && shown.may.some((act) => act === "confirm" || act === "reconcile");
    return html`<footer class=${isDocked ? "sticky" : ""}>
      ${this.trouble()} ${this.asked && form ? formOf(this.asked, form) : this.actions(shown, texts)}
      <p class="digest">
        <span title=${texts.digest.why}>${texts.digest.label}</span>
        <code>${this.isWhole ? shown.digest : short(shown.digest)}</code>
        <button type="button" class="link" aria-expanded=${this.isWhole ? "true" : "false"} aria-label=${this.isWhole ? texts.digest.hide : texts.digest.show} @click=${() => (this.isWhole = !this.isWhole)}>
          ${this.isWhole ? "−" : "…"}
        </button>
      </p>
    </footer>`;
  }

  private actions(shown: DraftDetail, texts: DraftTexts): TemplateResult | typeof nothing {
    const may = new Set(shown.may);
    const busy = this.isBusy ? "true" : "false";
    const asks = (act: Asked, label: string, looks = ""): TemplateResult =>
      html`<button type="button" class="button ${looks}" data-act=${act} aria-disabled=${busy} @click=${() => this.open(act)}>${label}</button>`;
    const buttons = [
      may.has("confirm")
        ? html`<button type="button" class="button primary" data-act="confirm" aria-disabled=${busy} @click=${() => void this.confirm()}>${this.isBusy ? texts.deciding : deed(shown, texts, this.around.language)}</button>`
        : nothing,
      may.has("reconcile") ? asks("reconcile", texts.reconcile, "primary") : nothing,
      may.has("edit") && shown.editable ? asks("edit", texts.edit) : nothing,
      may.has("reject") ? asks("reject", texts.reject, "danger") : nothing,
      shown.state === "executed" && TAKEN_BACK.has(shown.kind)
        ? html`<button type="button" class="button" data-act="take-back" aria-disabled=${busy} @click=${() => void this.takeBack()}>${texts.takeBack}</button>`
        : nothing,
    ].filter((button) => button !== nothing);
    return buttons.length ? html`<div class="actions" role="group" aria-label=${texts.decide}>${buttons}</div>` : nothing;
  }

  private trouble(): TemplateResult | typeof nothing {
    const { problem } = this;
    const { drafts: texts } = this.around.texts;
    if (!problem) return nothing;
    return html`<div class="problem" role="alert">
      <ui5-icon-pw name="message-warning" aria-hidden="true"></ui5-icon-pw>
      <div>
        <strong>${texts.problems[problem.title] ?? this.around.texts.problem.own(plain(problem.title))}</strong>
        <p>${this.around.texts.problem.own(plain(problem.message))}</p>
        ${this.shown && problem.status === 409 ? html`<p>${texts.stale} ${texts.states[this.shown.state]}.</p>` : nothing}
      </div>
    </div>`;
  }
}
