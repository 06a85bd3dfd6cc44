// Earlier conversations, newest first: `<pw-conversations>`. Fires `pw-open` with an id, and `pw-fresh`.

import { LitElement, css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Listing, Summary } from "../connection/records";
import { plain } from "../language/characters";
import { controls } from "../theme/controls";
import type { Surroundings } from "../surroundings";

const AT_ONCE = 30;
const DAY = 86_400_000;

type Age = "today" | "yesterday" | "week" | "earlier";

/** In which part of the list a conversation stands. */
export function ageOf(stamp: string, now: Date): Age {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const at = new Date(stamp).getTime();
  if (at >= midnight) return "today";
  if (at >= midnight - DAY) return "yesterday";
  return at >= midnight - 6 * DAY ? "week" : "earlier";
}

@customElement("pw-conversations")
export class Conversations extends LitElement {
  @property({ attribute: false }) around!: Surroundings;
  /** The one that is shown. */
  @property() current = "";
  @state() private found: Summary[] = [];
  @state() private next: string | null = null;
  @state() private words = "";
  private asked = 0;

  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
        padding: 12px;
        gap: 10px;
      }
      .fresh {
        justify-content: flex-start;
        width: 100%;
        min-height: 38px;
      }
      .search {
        width: 100%;
        min-height: 34px;
        padding: 4px 10px;
        border: 1px solid var(--pw-line-strong);
        border-radius: var(--pw-radius);
        background: var(--pw-sheet);
      }
      .rows {
        flex: 1;
        min-height: 0;
        overflow-y: auto;
        margin: 0 -12px;
        padding: 0 12px;
      }
      h3 {
        padding: 10px 10px 4px;
        color: var(--pw-soft);
        font-size: 12px;
        font-weight: 600;
      }
      .row {
        display: block;
        width: 100%;
        min-height: 36px;
        padding: 7px 10px;
        border: 0;
        border-radius: 7px;
        background: none;
        text-align: start;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .row:hover {
        background: var(--pw-sunk);
      }
      .row[aria-current="true"] {
        background: var(--pw-accent-wash);
        color: var(--pw-accent-strong);
        font-weight: 600;
      }
      p {
        padding: 10px;
        color: var(--pw-soft);
      }
      @media (pointer: coarse) {
        .row,
        .search {
          min-height: 44px;
        }
      }
      @media (forced-colors: active) {
        .row[aria-current="true"] {
          border: 1px solid Highlight;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.read();
  }

  /** Reads the newest ones anew. */
  async read(): Promise<void> {
    await this.take(null);
  }

  private async take(cursor: string | null): Promise<void> {
    const asked = (this.asked += 1);
    try {
      const page = await this.around.service.call<Listing>(`/v1/conversations?limit=${AT_ONCE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
      // Another person, or a newer list, may have been asked for in the meantime.
      if (asked !== this.asked) return;
      this.found = cursor ? [...this.found, ...page.conversations] : page.conversations;
      this.next = page.next;
    } catch (error) {
      this.around.failed(error);
    }
  }

  protected override render(): TemplateResult {
    const { list, shell } = this.around.texts;
    const words = this.words.trim().toLowerCase();
    const shown = this.found.filter((one) => !words || one.title.toLowerCase().includes(words));
    return html`<h2 class="unseen">${shell.conversations}</h2><button type="button" class="button fresh" @click=${() => this.dispatchEvent(new CustomEvent("pw-fresh"))}><ui5-icon-pw name="add" aria-hidden="true"></ui5-icon-pw>${list.fresh}</button>
      ${this.found.length > 8 ? html`<input class="search" type="search" aria-label=${list.search} placeholder=${list.search} @input=${(event: InputEvent) => (this.words = (event.target as HTMLInputElement).value)} />` : nothing}
      <div class="rows">
        ${this.found.length === 0 ? html`<p>${list.none}</p>` : shown.length === 0 ? html`<p>${list.noMatch}</p>` : this.groups(shown)}
        ${this.next && !words ? html`<button type="button" class="link" @click=${() => this.take(this.next)}>${list.more}</button>` : nothing}
      </div>`;
  }

  private groups(shown: Summary[]): TemplateResult[] {
    const { list } = this.around.texts;
    const now = new Date();
    const ages: Age[] = ["today", "yesterday", "week", "earlier"];
    return ages.flatMap((age) => {
      const rows = shown.filter((one) => ageOf(one.last_asked_at, now) === age);
      if (!rows.length) return [];
      return [html`<h3>${list[age]}</h3><ul>${rows.map((one) => this.row(one))}</ul>`];
    });
  }

  private row(one: Summary): TemplateResult {
    const { list } = this.around.texts;
    const title = plain(one.title) || list.untitled;
    return html`<li><button type="button" class="row" title=${`${title} · ${list.answers(one.answers)}`} aria-current=${one.id === this.current ? "true" : "false"} @click=${() => this.dispatchEvent(new CustomEvent("pw-open", { detail: one.id }))}>${title}</button></li>`;
  }
}
