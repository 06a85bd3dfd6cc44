// Where a figure comes from and how old it is: `<pw-evidence>`. Fires `pw-close`.

import { LitElement, css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { copied } from "../answers/clipboard";
import type { Evidence, Source, Spoken } from "../connection/records";
import { plain, plainLines, titled } from "../language/characters";
import { age, day, moment } from "../language/dates";
import { count, isDecimal, number, written } from "../language/numbers";
import { controls } from "../theme/controls";
import type { Picked, Surroundings } from "../surroundings";

/** Keys of rows that are named; the others are counted. */
const KEYS = 4;

@customElement("pw-evidence")
export class EvidenceView extends LitElement {
  @property({ attribute: false }) around!: Surroundings;
  @property({ attribute: false }) evidence!: Evidence;
  @property({ attribute: false }) picked: Picked | null = null;
  @state() private said = new Map<string, string>();

  static override styles = [
    controls,
    css`
      :host {
        display: block;
        padding: 0 18px 24px;
        overflow-y: auto;
        background: var(--pw-sheet);
      }
      header {
        position: sticky;
        top: 0;
        z-index: 1;
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 8px;
        margin: 0 -18px;
        padding: 10px 10px 10px 18px;
        border-bottom: 1px solid var(--pw-line);
        background: var(--pw-sheet);
      }
      h2 {
        font-size: 15px;
        font-weight: 650;
      }
      h2:focus-visible {
        outline-offset: 4px;
      }
      .picked {
        padding: 16px 0 14px;
        border-bottom: 1px solid var(--pw-line);
      }
      .picked b {
        display: block;
        font-size: 26px;
        font-weight: 650;
        line-height: 1.3;
        letter-spacing: -0.015em;
        overflow-wrap: anywhere;
      }
      .picked small {
        color: var(--pw-soft);
        font-size: 14px;
        font-weight: 450;
      }
      dl {
        display: grid;
        gap: 12px;
        padding: 16px 0;
      }
      dt {
        color: var(--pw-soft);
        font-size: 12px;
        font-weight: 600;
      }
      dd {
        overflow-wrap: anywhere;
      }
      .source + .source {
        margin-top: 8px;
      }
      .keys {
        font-size: 13px;
      }
      .flags li {
        padding-inline-start: 10px;
        border-inline-start: 3px solid var(--pw-warn);
        color: var(--pw-warn);
      }
      .flags li + li {
        margin-top: 5px;
      }
      details {
        border-top: 1px solid var(--pw-line);
        padding: 8px 0;
      }
      summary {
        min-height: 28px;
        font-weight: 600;
        cursor: pointer;
      }
      pre {
        max-height: 320px;
        margin: 6px 0;
        padding: 10px 12px;
        overflow: auto;
        border-radius: 7px;
        background: var(--pw-sunk);
        font: 12.5px/1.55 var(--pw-mono);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      @media (pointer: coarse) {
        summary {
          min-height: 44px;
          line-height: 44px;
        }
      }
    `,
  ];

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has("evidence") && !changed.has("picked")) return;
    this.scrollTop = 0;
    this.renderRoot.querySelector("h2")?.focus({ preventScroll: true });
  }

  protected override render(): TemplateResult {
    const { evidence: texts } = this.around.texts;
    const { evidence } = this;
    const { language } = this.around;
    return html`<header>
        <h2 tabindex="-1">${texts.title}</h2>
        <ui5-button-pw design="Transparent" icon="decline" tooltip=${texts.close} accessible-name=${texts.close} @click=${() => this.dispatchEvent(new CustomEvent("pw-close"))}></ui5-button-pw>
      </header>
      ${this.figure()}
      <dl>
        ${row(texts.source, evidence.sources.length ? evidence.sources.map((one) => this.source(one)) : texts.noSource)}
        ${row(texts.asOf, evidence.data_as_of ? day(evidence.data_as_of, language) : texts.notStated)}
        ${row(texts.loaded, evidence.loaded_at ? `${age(evidence.loaded_at, language, this.around.texts.time.justNow)} (${moment(evidence.loaded_at, language)})` : texts.notKnown)}
        ${row(texts.quality, evidence.flags.length ? html`<ul class="flags">${evidence.flags.map((flag) => html`<li>${plain(flag)}</li>`)}</ul>` : texts.noRemarks)}
        ${row(texts.computedBy, html`${plain(evidence.tool)}<br /><span class="muted">${texts.version(plain(evidence.version))}</span>`)}
      </dl>
      ${evidence.query ? this.block("query", texts.query, plainLines(evidence.query), true) : nothing} ${this.block("arguments", texts.arguments, plainLines(pretty(evidence.arguments)), false)}`;
  }

  private figure(): TemplateResult | typeof nothing {
    const { picked } = this;
    const { evidence: texts } = this.around.texts;
    if (!picked) return nothing;
    const { language } = this.around;
    const shown = number(picked.value, picked.kind, language);
    const isExact = isDecimal(picked.value) && [0, 2].some((least) => shown === written(picked.value, language, least, 20));
    return html`<div class="picked">
      <span class="muted">${titled(picked.label)}</span>
      <b>${shown} ${picked.unit ? html`<small>${plain(picked.unit)}</small>` : nothing}</b>
      ${isExact ? nothing : html`<span class="muted">${texts.exactly(exact(picked.value, language))}</span>`}
    </div>`;
  }

  private source(source: Source): TemplateResult {
    const { evidence: texts } = this.around.texts;
    const rows = source.rows === null ? nothing : html` <span class="muted">${texts.rows(count(source.rows, this.around.language))}</span>`;
    const named = source.sample_keys.slice(0, KEYS);
    const others = source.sample_keys.length - named.length;
    const keys = named.length
      ? html`<div class="keys"><span class="muted">${texts.keys}</span> ${named.map(plain).join(", ")}${others ? html` <span class="muted">${texts.moreKeys(others)}</span>` : nothing}</div>`
      : nothing;
    return html`<div class="source"><div><strong>${plain(source.system)}</strong> ${this.around.texts.record(plain(source.record))}${rows}</div>${keys}</div>`;
  }

  private block(name: string, title: string, text: string, isOpen: boolean): TemplateResult {
    const { evidence: texts } = this.around.texts;
    const copy = async (): Promise<void> => {
      const said = (await copied(text)) ? texts.copied : texts.cannotCopy;
      this.around.say(said);
      this.said = new Map(this.said).set(name, said);
      setTimeout(() => {
        this.said.delete(name);
        this.requestUpdate();
      }, 2000);
    };
    return html`<details ?open=${isOpen}>
      <summary>${title}</summary>
      <pre tabindex="0" role="region" aria-label=${title}><code>${text}</code></pre>
      <button type="button" class="link" @click=${copy}>${this.said.get(name) ?? texts.copy}</button>
    </details>`;
  }
}

/** Every digit, with the marks of the language. */
const exact = (value: string, language: Spoken): string => (isDecimal(value) ? written(value, language, 0, 20) : plain(value));

function row(term: string, detail: unknown): TemplateResult {
  return html`<div><dt>${term}</dt><dd>${detail}</dd></div>`;
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
