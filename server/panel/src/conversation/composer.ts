// Where questions are written: `<pw-composer>`. Fires `pw-ask` with the text, `pw-stop`, and `pw-drop` with a name.

import { LitElement, css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { HOST_NAMES, type HostContext } from "../connection/records";
import { plain } from "../language/characters";
import { controls } from "../theme/controls";
import type { Surroundings } from "../surroundings";

const LONGEST = 4000;

@customElement("pw-composer")
export class Composer extends LitElement {
  @property({ attribute: false }) around!: Surroundings;
  @property({ attribute: false }) context: HostContext = {};
  @property({ type: Boolean }) busy = false;
  @property({ type: Boolean }) narrow = false;
  @state() private text = "";
  @query("textarea") private box!: HTMLTextAreaElement;

  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }
      form {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 4px 8px;
        align-items: end;
        padding: 8px 8px 8px 14px;
        border: 1px solid var(--pw-line-strong);
        border-radius: 14px;
        background: var(--pw-sheet);
        box-shadow: 0 1px 2px rgb(0 0 0 / 0.05);
      }
      form:focus-within {
        border-color: var(--pw-accent);
        box-shadow: 0 0 0 1px var(--pw-accent);
      }
      textarea {
        width: 100%;
        min-height: 36px;
        max-height: 168px;
        padding: 7px 0 5px;
        border: 0;
        resize: none;
        background: none;
        font-size: 15px;
        line-height: 1.5;
      }
      /* The form around it shows the focus. */
      textarea:focus-visible {
        outline: none;
      }
      textarea::placeholder {
        color: var(--pw-soft);
        opacity: 1;
      }
      .button {
        min-height: 36px;
        min-width: 36px;
        border-radius: 10px;
      }
      .about {
        grid-column: 1 / -1;
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        align-items: center;
        padding-bottom: 2px;
      }
      .chip {
        display: inline-flex;
        align-items: center;
        max-width: 100%;
        padding-inline-start: 10px;
        border-radius: 14px;
        background: var(--pw-accent-wash);
        font-size: 13px;
        line-height: 28px;
      }
      .chip b {
        margin-inline-start: 5px;
        font-weight: 600;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .chip button {
        width: 28px;
        height: 28px;
        flex: none;
        border: 0;
        border-radius: 14px;
        background: none;
        color: var(--pw-soft);
        font-size: 15px;
        line-height: 1;
      }
      .chip button:hover {
        background: var(--pw-line);
        color: var(--pw-ink);
      }
      .hint {
        padding: 5px 14px 0;
        color: var(--pw-soft);
        font-size: 12px;
      }
      .stop svg {
        width: 12px;
        height: 12px;
        fill: currentColor;
      }
      :host([narrow]) .hint {
        display: none;
      }
      @media (pointer: coarse) {
        .button {
          min-height: 44px;
          min-width: 44px;
        }
        .chip button {
          width: 44px;
          height: 44px;
          margin-block: -8px;
        }
        textarea {
          font-size: 16px;
          padding-block: 10px;
        }
        .hint {
          display: none;
        }
      }
    `,
  ];

  /** The text as it is now. */
  get draft(): string {
    return this.text;
  }

  override focus(): void {
    this.box?.focus();
  }

  write(text: string): void {
    this.text = text;
    void this.updateComplete.then(() => this.fit());
  }

  protected override render(): TemplateResult {
    const { talk } = this.around.texts;
    return html`<form @submit=${this.submitted}>
        ${this.chips()}
        <label class="unseen" for="question">${talk.question}</label>
        <textarea id="question" rows="1" maxlength=${LONGEST} autocomplete="off" spellcheck="true" lang=${this.around.language} placeholder=${this.narrow ? talk.short : talk.placeholder} aria-describedby="hint" .value=${this.text} @input=${this.typed} @keydown=${this.pressed}></textarea>
        ${this.busy
          ? html`<button type="button" class="button stop" @click=${this.stop}><svg viewBox="0 0 12 12" aria-hidden="true"><rect width="12" height="12" rx="2"></rect></svg>${talk.stop}</button>`
          : html`<button type="submit" class="button primary" aria-disabled=${this.text.trim() ? "false" : "true"}>${talk.send}</button>`}
      </form>
      <p class="hint" id="hint">${talk.hint}</p>`;
  }

  private chips(): TemplateResult | typeof nothing {
    const { talk } = this.around.texts;
    const named = HOST_NAMES.filter((name) => this.context[name]);
    if (!named.length) return nothing;
    return html`<div class="about" role="group" aria-label=${talk.about}>
      ${named.map((name) => html`<span class="chip"><span>${talk.host[name]}</span><b>${plain(this.context[name])}</b><button type="button" aria-label=${talk.drop(`${talk.host[name]} ${plain(this.context[name])}`)} @click=${() => this.dispatchEvent(new CustomEvent("pw-drop", { detail: name }))}>×</button></span>`)}
    </div>`;
  }

  private typed(): void {
    this.text = this.box.value;
    this.fit();
  }

  private fit(): void {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, 168)}px`;
  }

  private pressed(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.send();
  }

  private submitted(event: Event): void {
    event.preventDefault();
    this.send();
  }

  private send(): void {
    const text = this.text.trim();
    if (!text || this.busy) return;
    this.text = "";
    this.dispatchEvent(new CustomEvent("pw-ask", { detail: text }));
    void this.updateComplete.then(() => this.fit());
  }

  private stop(): void {
    this.dispatchEvent(new CustomEvent("pw-stop"));
    this.focus();
  }
}
