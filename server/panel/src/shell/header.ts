// What is loaded and how old, who asks, language and appearance: `<pw-header>`.
//
// Fires `pw-skip`, `pw-list`, `pw-view` with `ask` or `inbox`, `pw-language`, `pw-theme`, `pw-become` with a subject, `pw-sign-out`.

import { LitElement, css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { LoadedSource, Me, SourceTrouble } from "../connection/records";
import { plain, titled } from "../language/characters";
import { age, day, moment } from "../language/dates";
import { count } from "../language/numbers";
import { LANGUAGES, NAMES } from "../language/texts";
import { controls } from "../theme/controls";
import type { Theme } from "../theme/scheme";
import type { Surroundings } from "../surroundings";
import "./egress";
import { mark } from "./mark";

export type View = "ask" | "inbox";
/** The role that the service shows what may leave. */
const ADMINISTRATOR = "admin";
const THEMES: readonly Theme[] = ["auto", "light", "dark"];

/** Oldest day that data reaches to, which is what every answer can be relied on for. */
export function oldest(sources: readonly LoadedSource[]): string | null {
  return sources.map((one) => one.data_as_of).filter((one) => one !== null).sort()[0] ?? null;
}

@customElement("pw-header")
export class Header extends LitElement {
  @property({ attribute: false }) around!: Surroundings;
  @property({ attribute: false }) me!: Me;
  @property() view: View = "ask";
  @property() theme: Theme = "auto";
  @property({ type: Number }) waiting = 0;
  @property({ type: Boolean }) listed = false;
  @property({ type: Boolean }) narrow = false;
  @property({ type: Boolean }) medium = false;
  @state() private open: "" | "sources" | "account" = "";

  static override styles = [
    controls,
    css`
      :host {
        display: block;
        border-bottom: 1px solid var(--pw-line);
        background: var(--pw-sheet);
      }
      header {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 52px;
        padding: 6px 12px;
      }
      .skip {
        position: absolute;
        z-index: 30;
        top: 8px;
        left: 8px;
        min-height: 36px;
        padding: 6px 14px;
        border: 0;
        border-radius: 8px;
        background: var(--pw-accent);
        color: var(--pw-accent-ink);
        font-weight: 600;
      }
      .skip:not(:focus) {
        width: 1px;
        height: 1px;
        min-height: 0;
        padding: 0;
        overflow: hidden;
        clip-path: inset(50%);
      }
      .brand {
        display: flex;
        align-items: center;
        gap: 9px;
        font-size: 15px;
        font-weight: 700;
        letter-spacing: -0.01em;
      }
      .mark {
        flex: none;
        display: block;
      }
      .grow {
        flex: 1;
        min-width: 0;
      }
      .fresh {
        min-width: 0;
        overflow: hidden;
        color: var(--pw-soft);
        font-weight: 450;
        font-size: 13px;
      }
      .fresh span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .icon {
        display: inline-flex;
        align-items: center;
        justify-content: center;
        flex: none;
        width: 36px;
        height: 36px;
        border: 0;
        border-radius: 9px;
        background: none;
        color: var(--pw-ink);
      }
      .icon:hover {
        background: var(--pw-accent-wash);
      }
      .views {
        display: flex;
        flex: none;
        padding: 3px;
        border-radius: 10px;
        background: var(--pw-sunk);
        box-shadow: inset 0 0 0 1px var(--pw-line);
      }
      .views button {
        display: flex;
        align-items: center;
        gap: 7px;
        min-height: 30px;
        padding: 2px 13px;
        border: 0;
        border-radius: 8px;
        background: none;
        color: var(--pw-soft);
        font-weight: 600;
      }
      .views button[aria-pressed="true"] {
        background: var(--pw-sheet);
        color: var(--pw-ink);
        box-shadow: 0 1px 3px rgb(0 0 0 / 0.16);
      }
      .badge {
        min-width: 20px;
        padding: 0 6px;
        border-radius: 10px;
        background: var(--pw-accent);
        color: var(--pw-accent-ink);
        font-size: 12px;
        font-weight: 700;
        line-height: 20px;
        text-align: center;
      }
      .who {
        display: flex;
        align-items: center;
        gap: 8px;
        flex: none;
        min-height: 36px;
        max-width: 200px;
        padding: 3px 10px 3px 4px;
        border: 0;
        border-radius: 18px;
        background: none;
        font-weight: 550;
      }
      .who:hover {
        background: var(--pw-accent-wash);
      }
      .who .name {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .initials {
        display: grid;
        place-items: center;
        flex: none;
        width: 30px;
        height: 30px;
        border-radius: 50%;
        background: var(--pw-accent-wash);
        color: var(--pw-accent-strong);
        font-size: 12px;
        font-weight: 700;
      }
      .pop {
        width: min(340px, calc(100vw - 56px));
        color: var(--pw-ink);
        font: 14px/1.5 var(--pw-text);
      }
      .pop.wide {
        width: min(560px, calc(100vw - 56px));
      }
      .pop h2 {
        margin-bottom: 8px;
        font-size: 15px;
        font-weight: 650;
      }
      .pop dl {
        display: grid;
        gap: 10px;
      }
      .pop dt,
      .pop label,
      .pop legend {
        color: var(--pw-soft);
        font-size: 12px;
        font-weight: 600;
      }
      .pop select {
        display: block;
        width: 100%;
        min-height: 36px;
        margin-top: 2px;
        padding: 4px 8px;
        border: 1px solid var(--pw-line-strong);
        border-radius: 8px;
        background: var(--pw-sheet);
        color: var(--pw-ink);
      }
      .field {
        margin-top: 12px;
      }
      .pop .button {
        width: 100%;
        margin-top: 14px;
      }
      .scroll {
        max-height: min(420px, 60vh);
        overflow: auto;
      }
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: 13px;
      }
      th {
        color: var(--pw-soft);
        font-size: 12px;
        font-weight: 600;
      }
      th,
      td {
        padding: 5px 10px 5px 0;
        border-bottom: 1px solid var(--pw-line);
        text-align: start;
        white-space: nowrap;
      }
      .num {
        text-align: end;
      }
      .troubled,
      td.trouble {
        color: var(--pw-warn);
      }
      .troubled {
        font-weight: 600;
      }
      td.trouble {
        white-space: normal;
        overflow-wrap: anywhere;
      }
      :host([narrow]) header {
        gap: 4px;
        padding-inline: 8px;
      }
      :host([narrow]) .brand span,
      :host([narrow]) .who .name,
      :host([medium]) .who .name {
        position: absolute;
        width: 1px;
        height: 1px;
        clip-path: inset(50%);
      }
      :host([narrow]) .who,
      :host([medium]) .who {
        padding: 3px;
      }
      :host([narrow]) .views button {
        padding-inline: 10px;
      }
      @media (pointer: coarse) {
        .icon,
        .who {
          min-width: 44px;
          min-height: 44px;
        }
        .views button,
        .pop select {
          min-height: 44px;
        }
      }
      @media (forced-colors: active) {
        .views button[aria-pressed="true"] {
          outline: 2px solid Highlight;
        }
      }
    `,
  ];

  protected override render(): TemplateResult {
    const { shell } = this.around.texts;
    return html`<header>
        <button type="button" class="skip" @click=${() => this.tell("pw-skip")}>${shell.skip}</button>
        <button type="button" class="icon" aria-label=${this.listed ? shell.hideConversations : shell.showConversations} title=${this.listed ? shell.hideConversations : shell.showConversations} aria-expanded=${this.listed ? "true" : "false"} @click=${() => this.tell("pw-list")}><ui5-icon-pw name="menu2" aria-hidden="true"></ui5-icon-pw></button>
        <h1 class="brand">${mark}<span>plantwright</span></h1>
        <div class="grow"></div>
        ${this.narrow ? nothing : this.freshness()}
        <div class="views" role="group" aria-label=${shell.title}>
          ${this.choice("ask", html`${shell.ask}`)}
          ${this.choice("inbox", html`${shell.inbox}${this.waiting ? html`<span class="unseen">${shell.waitingForYou(this.waiting)}</span><span class="badge" aria-hidden="true">${this.waiting}</span>` : nothing}`)}
        </div>
        <button type="button" class="who" id="who" aria-haspopup="dialog" aria-expanded=${this.open === "account" ? "true" : "false"} @click=${() => this.toggle("account")}><span class="unseen">${shell.account}: </span><span class="initials" aria-hidden="true">${initials(this.me.person.name)}</span><span class="name">${plain(this.me.person.name)}</span></button>
      </header>
      ${this.sources()}${this.account()}`;
  }

  private choice(view: View, content: TemplateResult): TemplateResult {
    return html`<button type="button" aria-pressed=${this.view === view ? "true" : "false"} @click=${() => this.tell("pw-view", view)}>${content}</button>`;
  }

  private freshness(): TemplateResult {
    const { shell, sources } = this.around.texts;
    const troubled = this.me.sources.reduce((count, one) => count + (one.troubles?.length ?? 0), 0);
    return html`<button type="button" class="link fresh" id="fresh" aria-haspopup="dialog" aria-expanded=${this.open === "sources" ? "true" : "false"} @click=${() => this.toggle("sources")}><ui5-icon-pw name="database" aria-hidden="true"></ui5-icon-pw><span>${this.line() || shell.nothingLoaded}</span>${troubled ? html`<span class="troubled">${sources.troubled(troubled)}</span>` : nothing}</button>`;
  }

  private line(): string {
    const { shell, sources: texts } = this.around.texts;
    const { sources } = this.me;
    if (!sources.length) return "";
    const sites = [...new Set(sources.map((one) => plain(one.site_name)))];
    const named = sites.length > 2 ? shell.siteCount(sites.length) : sites.join(", ");
    const reach = oldest(sources);
    if (this.medium && reach) return shell.dataAsOf(day(reach, this.around.language));
    return shell.freshness(named, reach ? day(reach, this.around.language) : texts.notStated);
  }

  private sources(): TemplateResult {
    const { shell } = this.around.texts;
    return html`<ui5-popover-pw opener="fresh" placement="Bottom" accessible-name=${shell.loadedData} ?open=${this.open === "sources"} @close=${() => this.closed("sources")}>
      <div class="pop wide"><h2>${shell.loadedData}</h2>${this.loaded()}</div>
    </ui5-popover-pw>`;
  }

  private loaded(): TemplateResult {
    const { sources: texts, shell, time } = this.around.texts;
    const { language } = this.around;
    if (!this.me.sources.length) return html`<p class="muted">${shell.nothingLoaded}</p>`;
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${shell.loadedData}><table>
      <thead><tr><th scope="col">${texts.site}</th><th scope="col">${texts.source}</th><th scope="col" class="num">${texts.rows}</th><th scope="col">${texts.asOf}</th><th scope="col">${texts.loaded}</th></tr></thead>
      <tbody>${this.me.sources.map((one) => html`<tr><td>${plain(one.site_name)}</td><td>${plain(one.system)}</td><td class="num">${count(one.rows, language)}</td><td>${day(one.data_as_of, language, texts.notStated)}</td><td>${age(one.loaded_at, language, time.justNow)}</td></tr>${(one.troubles ?? []).map((trouble) => this.trouble(trouble))}`)}</tbody>
    </table></div>`;
  }

  private trouble({ part, failing_since, problem, remedy }: SourceTrouble): TemplateResult {
    const { texts, language } = this.around;
    const named = titled(texts.record(plain(part)));
    const what = failing_since ? texts.sources.away(named, moment(failing_since, language)) : texts.sources.differs(named);
    return html`<tr><td colspan="5" class="trouble">${what} <span lang="en">${plain(problem)} ${plain(remedy)}</span></td></tr>`;
  }

  private account(): TemplateResult {
    const { shell } = this.around.texts;
    const { person, people, sources } = this.me;
    const names = new Map(sources.map((one) => [one.site, one.site_name]));
    return html`<ui5-popover-pw opener="who" placement="Bottom" horizontal-align="End" accessible-name=${shell.account} ?open=${this.open === "account"} @close=${() => this.closed("account")}>
      <div class="pop">
        <h2>${plain(person.name)}</h2>
        <dl>
          <div><dt>${shell.roles}</dt><dd>${person.roles.map((role) => shell.roleNames[role] ?? plain(role)).join(", ") || "–"}</dd></div>
          <div><dt>${shell.sites}</dt><dd>${person.sites.map((site) => plain(names.get(site) ?? site)).join(", ") || "–"}</dd></div>
          <div><dt>${shell.model}</dt><dd>${plain(this.me.model)}</dd></div>
          ${this.narrow ? html`<div><dt>${shell.loadedData}</dt><dd>${this.line() || shell.nothingLoaded}</dd></div>` : nothing}
        </dl>
        ${people.length > 1 ? this.field("person", shell.askingAs, people.map((one) => [one.subject, plain(one.name)]), person.subject, "pw-become") : nothing}
        ${this.field("language", shell.language, LANGUAGES.map((one) => [one, NAMES[one]]), this.around.language, "pw-language")}
        ${this.field("theme", shell.theme, THEMES.map((one) => [one, shell.themes[one]]), this.theme, "pw-theme")}
        ${person.roles.includes(ADMINISTRATOR) ? html`<pw-egress .around=${this.around} .names=${names}></pw-egress>` : nothing}
        <button type="button" class="button" @click=${() => this.leave()}>${shell.signOut}</button>
      </div>
    </ui5-popover-pw>`;
  }

  private field(id: string, label: string, options: [string, string][], value: string, event: string): TemplateResult {
    const chosen = (changed: Event): void => this.tell(event, (changed.target as HTMLSelectElement).value);
    return html`<div class="field"><label for=${id}>${label}</label><select id=${id} @change=${chosen}>${options.map(([key, name]) => html`<option value=${key} ?selected=${key === value}>${name}</option>`)}</select></div>`;
  }

  private leave(): void {
    this.open = "";
    this.tell("pw-sign-out");
  }

  private toggle(which: "sources" | "account"): void {
    this.open = this.open === which ? "" : which;
  }

  private closed(which: "sources" | "account"): void {
    if (this.open === which) this.open = "";
  }

  private tell(name: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

function initials(name: string): string {
  const words = plain(name).replace(/[^\p{L}\p{N} ]/gu, " ").split(" ").filter(Boolean);
  return words.slice(0, 2).map((word) => word[0]?.toUpperCase() ?? "").join("") || "?";
}
