// Drafts as work: what waits for whoever asks, what they asked for, and what became of the rest: `<pw-inbox>`.
// `selected` names the draft whose card is open beside the list, or in its place where there is no room for both.

import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { Problem, asProblem } from "../connection/problem";
import { plain } from "../language/characters";
import { day, moment } from "../language/dates";
import type { DraftTexts } from "../language/drafts_en";
import { count } from "../language/numbers";
import type { Surroundings } from "../surroundings";
import { controls } from "../theme/controls";
import { boardOf, type Board } from "./board";
import "./draft";
import { short } from "./draft";
import "./explanation";
import { marked, unmarked, waitingExplanations, type Explanation } from "./explanations";
import { leftOf } from "./expiry";
import { inboxStyle } from "./inbox_style";
import { headlined, priced, worthOf } from "./labels";
import { offNotice } from "./offs";
import type { DraftList, DraftShown, Off } from "./records";
import { SHELVES, statesOn, toneOf, type Shelf } from "./states";
import { draftParts } from "./style";
import { totalOf } from "./total";

const EVERY_MS = 5000;
const MOST = 50;

@customElement("pw-inbox")
export class Inbox extends LitElement {
  @property({ attribute: false }) around!: Surroundings;
  @property() selected = "";
  /** Code and name of each site to choose from. */
  @property({ attribute: false }) sites: readonly (readonly [string, string])[] = [];
  @state() private shelf: Shelf | null = null;
  @state() private site = "";
  @state() private found: DraftList | null = null;
  @state() private asked = 0;
  @state() private explanations: readonly Explanation[] = [];
  @state() private off: readonly Off[] = [];
  @state() private problem: Problem | null = null;
  @state() private refused: Problem | null = null;
  @state() private picked: ReadonlyMap<string, DraftShown> = new Map();
  @state() private isBusy = false;
  private board: Board | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private readings = 0;
  private readonly again = (): void => void this.read();

  static override styles = [controls, draftParts, inboxStyle];

  override connectedCallback(): void {
    super.connectedCallback();
    this.timer = setInterval(() => {
      if (!document.hidden) void this.read();
    }, EVERY_MS);
    if (this.around) this.take();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
    this.board?.removeEventListener("changed", this.again);
    this.board = null;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const old = changed.get("around");
    if (!changed.has("around") || (old && old.subject === this.around.subject && old.service === this.around.service)) return;
    this.shelf = this.found = null;
    this.picked = new Map();
    this.take();
  }

  protected override updated(changed: PropertyValues<this>): void {
    // Where the card took the list's place, the focus goes along.
    if (!changed.has("selected") || changed.get("selected") === undefined) return;
    const list = this.renderRoot.querySelector<HTMLElement>(".list");
    if (this.selected && list && !list.offsetParent) this.renderRoot.querySelector<HTMLElement>(".back")?.focus();
    else if (!this.selected) this.renderRoot.querySelector<HTMLElement>(`[data-id="${changed.get("selected") ?? ""}"] .row`)?.focus();
  }

  private take(): void {
    this.board?.removeEventListener("changed", this.again);
    this.board = boardOf(this.around.service);
    this.board.addEventListener("changed", this.again);
    void this.read();
  }

  /** What lies on the shelf now; of answers that overtake each other the last one asked for counts. */
  private async read(): Promise<void> {
    const { board } = this;
    if (!board) return;
    const reading = ++this.readings;
    try {
      const shelf = this.shelf ?? "mine_to_confirm";
      const [found, off, explained] = await Promise.all([this.listed(board, shelf), board.off(), waitingExplanations(this.around.service)]);
      const own = shelf === "asked_for" ? found.drafts.length : await this.own(board);
      if (reading !== this.readings) return;
      // Who has nothing to confirm has come to see what became of their own.
      if (this.shelf === null) {
        this.shelf = found.to_confirm || !own ? "mine_to_confirm" : "asked_for";
        if (this.shelf !== shelf) return await this.read();
      }
      this.found = found;
      this.asked = own;
      this.off = off;
      this.explanations = explained.publications;
      this.problem = null;
      const here = new Map(found.drafts.map((each) => [each.id, each]));
      // What changed since it was picked is not what was picked.
      this.picked = new Map([...this.picked].filter(([id, each]) => here.get(id)?.digest === each.digest && here.get(id)?.may.includes("confirm")));
    } catch (error) {
      if (reading !== this.readings) return;
      this.problem = asProblem(error);
      if (this.problem.isLost || this.problem.status === 401) this.around.failed(error);
    }
  }

  private async listed(board: Board, shelf: Shelf): Promise<DraftList> {
    const found = await board.list(statesOn(shelf), { site: this.site, isOwn: shelf === "asked_for", limit: MOST });
    if (shelf !== "mine_to_confirm") return found;
    return { ...found, drafts: found.drafts.filter((each) => each.may.includes("confirm")) };
  }

  private async own(board: Board): Promise<number> {
    return (await board.list(statesOn("asked_for"), { site: this.site, isOwn: true, limit: MOST })).drafts.length;
  }

  private turn(shelf: Shelf): void {
    this.shelf = shelf;
    this.found = null;
    this.refused = null;
    this.picked = new Map();
    void this.read();
  }

  protected override render(): TemplateResult {
    const { drafts: texts } = this.around.texts;
    return html`<div class="rooms" ?data-open=${this.selected !== ""}>
      <section class="list" aria-labelledby="title">
        <div class="head"><h2 id="title" tabindex="-1">${texts.title}</h2>${this.filter(texts)}</div>
        ${offNotice(this.off, texts, this.around.language)} ${this.explained(texts)} ${this.shelves(texts)}
        ${this.problem ? this.trouble(this.problem, texts) : nothing} ${this.rows(texts)} ${this.together(texts)}
        <p class="foot muted">${texts.lead}</p>
      </section>
      <section class="detail" aria-labelledby="card">
        <h2 class="unseen" id="card">${texts.card}</h2>
        ${this.selected
          ? html`<button type="button" class="link back" @click=${() => this.around.openDraft("")}>${texts.back}</button>
              ${unmarked(this.selected)
                ? html`<pw-explanation explanation-id=${unmarked(this.selected)} .around=${this.around} @pw-decided=${this.again}></pw-explanation>`
                : html`<pw-draft draft-id=${this.selected} docked .around=${this.around} @pw-version=${(event: CustomEvent<string>) => this.around.openDraft(event.detail)}></pw-draft>`}`
          : html`<p class="choose muted">${texts.choose}</p>`}
      </section>
    </div>`;
  }

  /** What waits to be published, whoever may do it: a card says why whoever looks may not. */
  private explained(texts: DraftTexts): TemplateResult | typeof nothing {
    const { language } = this.around;
    const shown = this.explanations.filter((each) => !this.site || each.sites.includes(this.site));
    if (!shown.length) return nothing;
    const { explanation: said } = texts;
    return html`<section class="explained" aria-label=${said.waiting}>
      <h3>${said.waiting} <span class="muted">${count(shown.length, language)}</span></h3>
      <ol class="drafts">
        ${shown.map((each) => {
          const isCurrent = marked(each.id) === this.selected;
          return html`<li data-id=${marked(each.id)} class=${isCurrent ? "current" : ""}>
            <button type="button" class="row" aria-current=${isCurrent ? "true" : "false"} @click=${() => this.around.openDraft(marked(each.id))}>
              <span class="what">${plain(each.reading)}</span>
              <span class="worth">${texts.version(each.version)}</span>
              <span class="when muted">${said.drafted(plain(each.requester), moment(each.drafted_at, language))}</span>
            </button>
          </li>`;
        })}
      </ol>
    </section>`;
  }

  private filter(texts: DraftTexts): TemplateResult | typeof nothing {
    if (this.sites.length < 2) return nothing;
    const choose = (event: Event): void => {
      this.site = (event.target as HTMLSelectElement).value;
      this.turn(this.shelf ?? "mine_to_confirm");
    };
    return html`<label class="site"><span class="muted">${texts.site}</span>
      <select name="site" @change=${choose}>
        <option value="">${texts.everySite}</option>
        ${this.sites.map(([code, name]) => html`<option value=${code} ?selected=${this.site === code}>${plain(name)}</option>`)}
      </select>
    </label>`;
  }

  private shelves(texts: DraftTexts): TemplateResult {
    return html`<div class="shelves" role="group" aria-label=${texts.which}>
      ${SHELVES.map(([shelf]) => {
        const many = this.counted(shelf);
        return html`<button type="button" class="shelf" data-shelf=${shelf} aria-pressed=${this.shelf === shelf ? "true" : "false"} @click=${() => this.turn(shelf)}>
          ${texts.shelves[shelf]}${many === null ? nothing : html` <b>${count(many, this.around.language)}</b>`}
        </button>`;
      })}
    </div>`;
  }

  /** How many lie on a shelf; null where that is not known, as of one site on a shelf that is not open. */
  private counted(shelf: Shelf): number | null {
    const { found } = this;
    if (!found) return null;
    if (shelf === "asked_for") return this.asked;
    if (this.site) return shelf === this.shelf ? found.drafts.length : null;
    if (shelf === "mine_to_confirm") return found.to_confirm;
    return statesOn(shelf).reduce((sum, each) => sum + (found.counts[each] ?? 0), 0);
  }

  private rows(texts: DraftTexts): TemplateResult {
    const { found, shelf } = this;
    if (!found || !shelf) return html`<p class="muted empty" role="status">${this.problem ? nothing : texts.loading}</p>`;
    if (!found.drafts.length) return html`<p class="muted empty">${texts.empty[shelf]}</p>`;
    const isPicking = found.drafts.filter((each) => each.may.includes("confirm")).length > 1;
    const more = found.drafts.length >= MOST ? html`<p class="muted">${texts.first(MOST)}</p>` : nothing;
    return html`<ol class="drafts" aria-label=${texts.shelves[shelf]}>${found.drafts.map((each) => this.row(each, isPicking, texts))}</ol>${more}`;
  }

  private row(each: DraftShown, isPicking: boolean, texts: DraftTexts): TemplateResult {
    const { language } = this.around;
    const [title, below] = headlined(each, texts, language, (text) => day(text, language));
    const waits = each.state === "awaiting_confirmation";
    const left = waits ? leftOf(each.expires_at, Date.now(), texts) : null;
    const pick = (event: Event): void => this.pick(each, (event.target as HTMLInputElement).checked);
    return html`<li data-id=${each.id} class=${each.id === this.selected ? "current" : ""}>
      ${isPicking ? html`<span class="pick">${each.may.includes("confirm") ? html`<input type="checkbox" aria-label=${texts.pick(title)} .checked=${this.picked.has(each.id)} @change=${pick} />` : nothing}</span>` : nothing}
      <button type="button" class="row" aria-current=${each.id === this.selected ? "true" : "false"} @click=${() => this.around.openDraft(each.id)}>
        <span class="what">${title}</span>
        <span class="worth">${worthOf(each, texts, language)}</span>
        <span class="muted">${below}</span>
        <span class="when muted">${texts.of(plain(each.requester_name || each.requester), moment(each.created_at, language))}</span>
        <span class="standing">
          ${waits ? nothing : html`<span class="chip ${toneOf(each.state)}">${texts.states[each.state]}${each.document_number ? ` · ${plain(each.document_number)}` : ""}</span>`}
          ${waits && each.signatures.count > 1 ? html`<span class="chip plain">${texts.signatures.needed(each.signed.length, each.signatures.count)}</span>` : nothing}
          ${left ? html`<span class=${left.isLittle ? "little" : "muted"}>${texts.expires.label} ${texts.expires.left(left.words)}</span>` : nothing}
        </span>
      </button>
    </li>`;
  }

  private pick(each: DraftShown, isPicked: boolean): void {
    const picked = new Map(this.picked);
    if (isPicked) picked.set(each.id, each);
    else picked.delete(each.id);
    this.picked = picked;
    this.refused = null;
  }

  private together(texts: DraftTexts): TemplateResult | typeof nothing {
    const { language } = this.around;
    const drafts = [...this.picked.values()];
    if (drafts.length < 2) return this.refused ? this.trouble(this.refused, texts) : nothing;
    const { together: said } = texts;
    const total = totalOf(drafts);
    const notes = { sum: nothing, unknown: html`<p class="muted">${said.unknown}</p>`, currencies: html`<p class="muted">${total.kind === "currencies" ? said.currencies(total.named.join(", ")) : nothing}</p>` };
    return html`<section class="together" aria-label=${said.title}>
      <p>${said.lead}</p>
      <ol>
        ${drafts.map((each) => html`<li>${headlined(each, texts, language, (text) => day(text, language))[0]} <span class="muted">${worthOf(each, texts, language)} · <code>${short(each.digest)}</code></span></li>`)}
      </ol>
      ${notes[total.kind]} ${this.refused ? this.trouble(this.refused, texts) : nothing}
      <div class="actions">
        ${total.kind === "currencies"
          ? nothing
          : html`<button type="button" class="button primary" data-act="confirm-together" aria-disabled=${this.isBusy ? "true" : "false"} @click=${() => void this.confirmTogether(drafts, total.kind === "sum" ? total.price : null)}>
              ${this.isBusy ? texts.deciding : said.submit(drafts.length, total.kind === "sum" ? priced(total.price, language) : "")}
            </button>`}
        <button type="button" class="button" @click=${() => (this.picked = new Map())}>${said.clear}</button>
      </div>
    </section>`;
  }

  private async confirmTogether(drafts: readonly DraftShown[], total: DraftShown["value"]): Promise<void> {
    if (this.isBusy || !this.board) return;
    this.isBusy = true;
    this.refused = null;
    const { drafts: texts } = this.around.texts;
    try {
      if (!(await this.board.confirmTogether(drafts, total))) return;
      this.around.say(texts.said.together(drafts.length));
      this.around.draftsChanged();
      this.turn("moving");
      await this.updateComplete;
      this.renderRoot.querySelector<HTMLElement>("h2")?.focus();
    } catch (error) {
      this.refused = asProblem(error);
      this.around.say(this.refused.message);
      if (this.refused.isLost || this.refused.status === 401) this.around.failed(error);
    } finally {
      this.isBusy = false;
    }
  }

  private trouble(problem: Problem, texts: DraftTexts): TemplateResult {
    return html`<div class="problem" role="alert">
      <ui5-icon-pw name="message-warning" aria-hidden="true"></ui5-icon-pw>
      <div><strong>${texts.problems[problem.title] ?? this.around.texts.problem.own(plain(problem.title))}</strong><p>${this.around.texts.problem.own(plain(problem.message))}</p></div>
    </div>`;
  }
}
