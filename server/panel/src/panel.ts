// The panel itself: header, earlier conversations, the talk with its composer, evidence, and the inbox.

import "./theme/parts";
import "./conversation/composer";
import "./conversation/list";
import "./conversation/turn";
import "./evidence/evidence";
import "./shell/header";
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { asProblem } from "./connection/problem";
import { HOST_NAMES, type Evidence, type HostContext, type HostName, type Me } from "./connection/records";
import { Service } from "./connection/service";
import type { Composer } from "./conversation/composer";
import type { Conversations } from "./conversation/list";
import { Talk, type Turn } from "./conversation/talk";
import type { TurnActions } from "./conversation/turn";
import { welcome } from "./conversation/welcome";
import { onDraftsChanged, waiting } from "./drafts/index";
import { plain } from "./language/characters";
import { languageOf, textsOf, type Language } from "./language/texts";
import { entrance } from "./shell/entrance";
import { choose, chosen, isPending, keepQuestion, keepTalk, keptQuestion, keptTalk } from "./shell/kept";
import { Measures, type Width } from "./shell/measures";
import { Presence } from "./shell/presence";
import { panelStyle } from "./shell/style";
import type { View } from "./shell/header";
import type { Picked, Surroundings } from "./surroundings";
import { controls } from "./theme/controls";
import { darkParameters, isDark, isTheme, onSystemChange, type Theme } from "./theme/scheme";
import { tokens } from "./theme/tokens";

/** Code and name of each site whose data is loaded. */
const sitesOf = (me: Me): [string, string][] => [...new Map(me.sources.map((source) => [source.site, source.site_name]))].sort(([a], [b]) => a.localeCompare(b));

@customElement("pw-panel")
export class Panel extends LitElement {
  @property() service = "";
  @property() plant = "";
  @property() material = "";
  @property() order = "";
  @property() supplier = "";
  @property({ attribute: "lang" }) override lang = "";
  @property() theme = "";
  @property() view: View = "ask";
  @property() draft = "";
  /** The conversation to open, as an answer elsewhere links to it. */
  @property({ attribute: "conversation" }) linked = "";

  @state() private language: Language = "en";
  @state() private chosenTheme: Theme = "auto";
  @state() private dropped: ReadonlySet<HostName> = new Set();
  @state() private evidence: { evidence: Evidence; picked: Picked | null } | null = null;
  @state() private isListed = false;
  @state() private count = 0;
  @state() private banner = "";
  @state() private isAway = false;
  @query("pw-composer") private composer!: Composer | null;
  @query("pw-conversations") private list!: Conversations | null;
  @query(".log") private log!: HTMLElement | null;
  @query(".status") private status!: HTMLElement | null;

  private around!: Surroundings;
  private reached!: Service;
  private talk!: Talk;
  private presence!: Presence;
  private opener: HTMLElement | null = null;
  private hasChosenList = false;
  private readonly measures = new Measures(this, { widened: (width) => this.widened(width), placed: () => this.requestUpdate() });
  private leaving: (() => void)[] = [];
  private readonly actions: TurnActions = {
    again: (turn) => this.talk.again(turn, this.context),
    choose: (answer, alternative) => this.talk.choose(answer, alternative),
    replay: (answer) => this.talk.replay(answer),
  };

  static override styles = [tokens, controls, panelStyle];

  override connectedCallback(): void {
    super.connectedCallback();
    this.reached = new Service(this.service || location.origin);
    this.talk = new Talk(this.reached, {
      changed: () => this.requestUpdate(),
      began: () => this.keepConversation(),
      answered: (turn) => this.answered(turn),
      progressed: (text) => this.say(text),
      failed: (problem) => this.failed(problem),
    });
    const language = (): Language => this.language;
    this.presence = new Presence(this.reached, {
      get language() {
        return language();
      },
      changed: () => this.requestUpdate(),
      entered: (isOther) => this.entered(isOther),
      leaves: (isEnded) => this.left(isEnded),
      failed: (error) => this.failed(error),
    });
    const theme = chosen("theme");
    this.chosenTheme = isTheme(this.theme) && this.theme !== "auto" ? this.theme : isTheme(theme) ? theme : "auto";
    this.speak(languageOf(this.lang || chosen("language"), document.documentElement.lang && this.reached.isElsewhere ? document.documentElement.lang : null, ...navigator.languages));
    this.measures.begin();
    const pressed = (event: KeyboardEvent): void => this.pressed(event);
    this.addEventListener("keydown", pressed);
    this.leaving = [() => this.presence.close(), () => this.measures.close(), () => this.removeEventListener("keydown", pressed), onSystemChange(() => this.surround()), onDraftsChanged(this.reached, () => void (this.presence.me && this.counted()))];
    this.surround();
    void this.presence.begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const leave of this.leaving) leave();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("lang") && this.hasUpdated && this.lang) this.speak(languageOf(this.lang));
    if (changed.has("theme") && this.hasUpdated && isTheme(this.theme)) {
      this.chosenTheme = this.theme;
      this.surround();
    }
    if (HOST_NAMES.some((name) => changed.has(name))) this.dropped = new Set();
    if (changed.has("draft") && this.draft) this.view = "inbox";
    if (changed.has("linked") && this.linked && this.presence?.me) void this.open(this.linked);
  }

  protected override updated(changed: PropertyValues): void {
    this.measures.follow(this.log);
    if (changed.has("view") || changed.has("draft")) this.dispatchEvent(new CustomEvent("plantwright-view", { detail: { view: this.view, draft: this.draft } }));
  }

  // Who asks: told by `presence`.

  private entered(isOther: boolean): void {
    this.surround();
    void this.seated(isOther);
  }

  private async seated(isOther: boolean): Promise<void> {
    if (isOther) {
      this.evidence = null;
      this.talk.fresh();
      await this.restore();
      await this.list?.read();
    }
    void this.counted();
    await this.updateComplete;
    await this.composer?.updateComplete;
    const text = keptQuestion();
    if (text && this.composer && !this.composer.draft) this.composer.write(text);
    this.composer?.focus();
  }

  /** What was not asked yet outlives the way to the identity provider and back. */
  private left(isEnded: boolean): void {
    if (isEnded) {
      const last = this.talk.turns.at(-1);
      const isRefused = last?.state === "failed";
      if (isRefused) keepTalk(this.memory, { conversation: this.talk.conversation });
      keepQuestion(this.composer?.draft || (isRefused ? last.question : ""));
    }
    this.talk.fresh();
    this.evidence = null;
  }

  private async counted(): Promise<void> {
    // Where this service only answers there is nothing to count.
    this.count = await waiting(this.reached).catch(() => 0);
  }

  // What every part may use.

  private surround(): void {
    const dark = isDark(this.chosenTheme);
    this.dataset["scheme"] = dark ? "dark" : "light";
    if (this.renderRoot) void this.dress(dark);
    else void this.updateComplete.then(() => this.dress(dark));
    this.around = {
      service: this.reached,
      texts: textsOf(this.language),
      language: this.language,
      isDark: dark,
      subject: this.presence.me?.person.subject ?? "",
      openEvidence: (evidence, picked, from) => this.openEvidence(evidence, picked, from),
      say: (text) => this.say(text),
      ask: (question) => this.ask(question),
      openDraft: (id) => this.openDraft(id),
      draftsChanged: () => void this.counted(),
      failed: (error) => this.failed(error),
    };
    this.requestUpdate();
  }

  private async dress(dark: boolean): Promise<void> {
    const root = this.shadowRoot!;
    const sheet = await darkParameters().catch(() => null);
    if (!sheet) return;
    const others = root.adoptedStyleSheets.filter((one) => one !== sheet);
    root.adoptedStyleSheets = dark && isDark(this.chosenTheme) ? [sheet, ...others] : others;
  }

  private speak(language: Language): void {
    const isOther = language !== this.language;
    this.language = this.reached.language = language;
    this.surround();
    if (isOther) void this.presence.spoken();
  }

  private say(text: string): void {
    if (this.status) this.status.textContent = text;
  }

  private failed(error: unknown): void {
    const problem = asProblem(error);
    if (problem.status === 401) {
      this.presence.ended();
      return;
    }
    this.banner = this.around.texts.problem.own(plain(problem.message));
    this.say(this.banner);
    if (!problem.isLost) return;
    void this.reached.back().then(() => {
      this.banner = "";
      this.say(this.around.texts.talk.restored);
    });
  }

  // The talk.

  private get context(): HostContext {
    const named: HostContext = {};
    for (const name of HOST_NAMES) {
      const value = this[name].trim().slice(0, 64);
      if (value && !this.dropped.has(name)) named[name] = value;
    }
    return named;
  }

  private ask(question: string): void {
    if (this.talk.isBusy) return;
    this.show("ask");
    this.closeEvidence();
    const offered = this.talk.last?.alternatives.find((one) => one.key === question);
    if (offered && this.talk.last) this.talk.choose(this.talk.last, offered);
    else this.talk.ask(question, this.context);
    this.say(this.around.texts.talk.reading);
    void this.updateComplete.then(() => this.reveal());
  }

  /** The last turn's beginning at the top. */
  private reveal(): void {
    const { log } = this;
    const turn = log?.querySelector("pw-turn:last-of-type");
    // Not `scrollIntoView`: it would scroll the page around the panel too.
    if (log && turn) log.scrollTop += turn.getBoundingClientRect().top - log.getBoundingClientRect().top - 14;
  }

  private answered(turn: Turn): void {
    const { texts } = this.around;
    this.keepConversation();
    void this.list?.read();
    if (!turn.answer) {
      this.say(turn.problem?.message ?? texts.talk.stopped);
      return;
    }
    this.say(`${turn.answer.answer || texts.talk.answerArrived}`);
    if (turn.answer.draft) void this.counted();
    if (turn.answer.status !== "clarify" || this.composer?.draft) return;
    void this.updateComplete.then(async () => {
      const view = this.log?.querySelector<LitElement>("pw-turn:last-of-type");
      await view?.updateComplete;
      const answer = view?.shadowRoot?.querySelector<LitElement & { focusReadings(): void }>("pw-answer");
      await answer?.updateComplete;
      answer?.focusReadings();
    });
  }

  private get memory(): string {
    return `plantwright.conversation ${this.reached.origin} ${this.presence.me?.person.subject ?? ""}`;
  }

  private keepConversation(): void {
    const { talk } = this;
    keepTalk(this.memory, talk.turns.length ? (talk.pending ?? { conversation: talk.conversation }) : null);
  }

  /** The conversation that this tab was in, with the turn that was being answered. */
  private async restore(): Promise<void> {
    if (this.linked) return this.open(this.linked);
    const kept = keptTalk(this.memory);
    if (!kept) return;
    await this.talk.open(kept.conversation).catch(() => false);
    if (isPending(kept)) this.talk.resume(kept);
    void this.updateComplete.then(() => this.reveal());
  }

  private async open(id: string): Promise<void> {
    try {
      await this.talk.open(id);
      this.keepConversation();
      this.closeEvidence();
      this.show("ask");
      if (this.measures.width !== "wide") this.isListed = false;
      await this.updateComplete;
      this.reveal();
    } catch (error) {
      this.failed(error);
    }
  }

  private fresh(): void {
    this.talk.fresh();
    this.keepConversation();
    this.closeEvidence();
    this.show("ask");
    if (this.measures.width !== "wide") this.isListed = false;
    void this.updateComplete.then(() => this.composer?.focus());
  }

  // What is seen.

  private show(view: View): void {
    // What an answer rests on stands beside the answer.
    if (view !== this.view) this.closeEvidence();
    this.view = view;
    if (view === "ask") this.draft = "";
  }

  private openDraft(id: string): void {
    this.draft = id;
    this.view = "inbox";
  }

  private openEvidence(evidence: Evidence, picked: Picked | null, from: HTMLElement): void {
    this.opener = from;
    this.evidence = { evidence, picked };
  }

  private closeEvidence(): void {
    if (!this.evidence) return;
    this.evidence = null;
    const { opener } = this;
    void this.updateComplete.then(() => opener?.focus({ preventScroll: true }));
  }

  /** The list beside the talk where there is room for both, unless somebody chose otherwise. */
  private widened(width: Width): void {
    if (!this.hasChosenList) this.isListed = width === "wide";
    else if (width !== "wide") this.isListed = false;
    this.dataset["width"] = width;
    this.requestUpdate();
  }

  private toggleList(): void {
    this.hasChosenList = true;
    this.isListed = this.view === "inbox" || !this.isListed;
    this.show("ask");
    if (this.isListed && this.measures.width !== "wide") void this.updateComplete.then(() => this.list?.shadowRoot?.querySelector<HTMLElement>("button")?.focus());
  }

  private pressed(event: KeyboardEvent): void {
    if (event.key === "Escape" && !event.defaultPrevented) {
      if (this.evidence) this.closeEvidence();
      else if (this.isListed && this.measures.width !== "wide") this.isListed = false;
      return;
    }
    const from = event.composedPath()[0];
    const isTyping = from instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(from.tagName);
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping || this.view !== "ask" || !this.presence.me) return;
    const last = this.talk.last;
    const offered = last?.alternatives.find((one) => one.key === event.key);
    if (last && offered && !this.talk.isBusy) {
      this.talk.choose(last, offered);
      void this.updateComplete.then(() => this.reveal());
    } else if (event.key === "/") {
      event.preventDefault();
      this.composer?.focus();
    }
  }

  private scrolled(event: Event): void {
    const log = event.target as HTMLElement;
    this.isAway = log.scrollHeight - log.scrollTop - log.clientHeight > log.clientHeight;
  }

  protected override render(): TemplateResult {
    return html`<div class="whole" lang=${this.language}>
      ${this.presence.me ? this.room(this.presence.me) : entrance(this.presence, this.around)}
      <p class="unseen status" role="status" aria-live="polite"></p>
    </div>`;
  }

  private room(me: Me): TemplateResult {
    const { texts } = this.around;
    const isListed = this.isListed && this.view === "ask";
    const isOverlaid = this.measures.width !== "wide";
    const isCovered = isOverlaid && (isListed || this.evidence !== null);
    return html`<pw-header .around=${this.around} .me=${me} view=${this.view} theme=${this.chosenTheme} .waiting=${this.count} ?listed=${isListed} ?narrow=${this.measures.width === "narrow"} ?medium=${this.measures.width === "medium"}
        @pw-skip=${() => this.composer?.focus()}
        @pw-list=${this.toggleList}
        @pw-view=${(event: CustomEvent<View>) => this.show(event.detail)}
        @pw-language=${(event: CustomEvent<Language>) => (choose("language", event.detail), this.speak(event.detail))}
        @pw-theme=${(event: CustomEvent<Theme>) => this.themed(event.detail)}
        @pw-become=${(event: CustomEvent<string>) => this.presence.become(event.detail)}
        @pw-sign-out=${() => this.presence.leave()}></pw-header>
      ${this.talk.isLost || this.banner ? html`<div class="banner" role="alert">${this.talk.isLost ? texts.talk.lost : this.banner}${this.talk.isLost ? nothing : html`<button type="button" class="link" @click=${() => (this.banner = "")}>${texts.shell.close}</button>`}</div>` : nothing}
      <div class="room ${isListed ? "listed" : ""} ${this.evidence ? "split" : ""}">
        ${isListed
          ? html`<nav class="side" aria-label=${texts.shell.conversations}><pw-conversations .around=${this.around} current=${this.talk.conversation} @pw-open=${(event: CustomEvent<string>) => this.open(event.detail)} @pw-fresh=${this.fresh}></pw-conversations></nav>`
          : nothing}
        ${isCovered ? html`<div class="shade" @click=${() => (this.evidence ? this.closeEvidence() : (this.isListed = false))}></div>` : nothing}
        <main ?inert=${isCovered}>${this.view === "inbox" ? html`<pw-inbox .around=${this.around} selected=${this.draft} .sites=${sitesOf(me)}></pw-inbox>` : this.conversation(me)}</main>
        ${this.evidence
          ? html`<aside aria-label=${texts.evidence.title}><pw-evidence .around=${this.around} .evidence=${this.evidence.evidence} .picked=${this.evidence.picked} @pw-close=${() => this.closeEvidence()}></pw-evidence></aside>`
          : nothing}
      </div>`;
  }

  private conversation(me: Me): TemplateResult {
    const { texts } = this.around;
    const { turns } = this.talk;
    return html`<div class="log" @scroll=${this.scrolled}>
        ${turns.length
          ? html`<div class="turns" role="region" aria-label=${texts.talk.log}>
              ${repeat(turns, (turn) => turn.id, (turn, i) => html`<pw-turn .around=${this.around} .turn=${turn} .on=${this.actions} .place=${this.measures.place} ?latest=${i === turns.length - 1} ?data-narrow=${this.measures.width === "narrow"}></pw-turn>`)}
            </div>`
          : welcome(me, this.around)}
      </div>
      <div class="foot">
        ${this.isAway && turns.length ? html`<button type="button" class="button latest" @click=${() => this.reveal()}>${texts.talk.latest}</button>` : nothing}
        <pw-composer .around=${this.around} .context=${this.context} ?busy=${this.talk.isBusy} ?narrow=${this.measures.width === "narrow"} @pw-ask=${(event: CustomEvent<string>) => this.ask(event.detail)} @pw-stop=${() => this.talk.stop()} @pw-drop=${(event: CustomEvent<HostName>) => (this.dropped = new Set([...this.dropped, event.detail]))}></pw-composer>
      </div>`;
  }

  private themed(theme: Theme): void {
    choose("theme", theme);
    this.chosenTheme = theme;
    this.surround();
  }
}
