// One question and what came of it: `<pw-turn>`.

import { LitElement, css, html, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../answers/answer";
import type { Alternative, Answer } from "../connection/records";
import { plain, plainLines } from "../language/characters";
import { controls } from "../theme/controls";
import type { Surroundings } from "../surroundings";
import type { Turn } from "./talk";

export interface TurnActions {
  again(turn: Turn): void;
  choose(answer: Answer, alternative: Alternative): void;
  replay(answer: Answer): void;
}

@customElement("pw-turn")
export class TurnView extends LitElement {
  @property({ attribute: false }) around!: Surroundings;
  @property({ attribute: false }) on!: TurnActions;
  // The talk changes its turns in place.
  @property({ attribute: false, hasChanged: () => true }) turn!: Turn;
  @property({ type: Boolean }) latest = false;
  @property({ type: Number }) place = 0;

  static override styles = [
    controls,
    css`
      :host {
        display: block;
        scroll-margin-top: 12px;
      }
      .asked {
        display: flex;
        flex-direction: column;
        align-items: flex-end;
        margin-bottom: 12px;
      }
      h2 {
        max-width: min(85%, 640px);
        padding: 8px 14px;
        border-radius: 14px 14px 4px 14px;
        background: var(--pw-accent-wash);
        font-size: 15px;
        font-weight: 550;
        line-height: 1.45;
        overflow-wrap: anywhere;
        white-space: pre-line;
      }
      .note {
        padding: 3px 4px 0;
        color: var(--pw-soft);
        font-size: 12.5px;
        text-align: end;
      }
      .sheet {
        padding: 16px 18px;
        border: 1px solid var(--pw-line);
        border-radius: 12px;
        background: var(--pw-sheet);
      }
      .text {
        max-width: 76ch;
        font-size: 15.5px;
        line-height: 1.6;
        overflow-wrap: anywhere;
      }
      .progress {
        display: flex;
        align-items: center;
        gap: 10px;
        color: var(--pw-soft);
      }
      .text + .progress {
        margin-top: 10px;
      }
      .dots {
        display: inline-flex;
        gap: 4px;
      }
      .dots i {
        width: 6px;
        height: 6px;
        border-radius: 50%;
        background: var(--pw-accent);
        animation: breathe 1.2s infinite ease-in-out;
      }
      .dots i:nth-child(2) {
        animation-delay: 0.15s;
      }
      .dots i:nth-child(3) {
        animation-delay: 0.3s;
      }
      @keyframes breathe {
        0%,
        70%,
        100% {
          opacity: 0.25;
        }
        35% {
          opacity: 1;
        }
      }
      .problem {
        border-color: var(--pw-bad);
        background: var(--pw-bad-wash);
      }
      .problem strong {
        display: block;
        color: var(--pw-bad);
      }
      .problem p {
        margin: 2px 0 12px;
        overflow-wrap: anywhere;
      }
      .stopped {
        display: flex;
        align-items: center;
        gap: 12px;
        color: var(--pw-soft);
      }
      .text + .stopped {
        margin-top: 10px;
      }
      :host([data-narrow]) .sheet {
        padding: 14px;
      }
    `,
  ];

  protected override render(): TemplateResult {
    const { talk } = this.around.texts;
    const { turn } = this;
    return html`<article aria-labelledby="asked">
      <div class="asked">
        <h2 id="asked"><span class="unseen">${talk.you}: </span>${plainLines(turn.question)}</h2>
        ${turn.note ? html`<p class="note">${turn.note.kind === "readAs" ? talk.readAs(plain(turn.note.reading)) : talk.recomputed}</p>` : nothing}
      </div>
      ${this.body()}
    </article>`;
  }

  private body(): TemplateResult {
    const { turn } = this;
    const { talk } = this.around.texts;
    const { own } = this.around.texts.problem;
    if (turn.answer) return html`<div class="sheet"><pw-answer .around=${this.around} .answer=${turn.answer} .on=${this.on} .place=${this.place} ?latest=${this.latest}></pw-answer></div>`;
    const text = turn.text ? html`<p class="text">${plain(turn.text)}</p>` : nothing;
    if (turn.state === "failed")
      return html`<div class="sheet problem" role="alert"><strong>${own(plain(turn.problem?.title ?? ""))}</strong><p>${own(plain(turn.problem?.message ?? ""))}</p><button type="button" class="button" @click=${() => this.on.again(turn)}>${talk.askAgain}</button></div>`;
    if (turn.state === "stopped") return html`<div class="sheet">${text}<div class="stopped"><span>${talk.stopped}</span><button type="button" class="button" @click=${() => this.on.again(turn)}>${talk.askAgain}</button></div></div>`;
    return html`<div class="sheet" aria-busy="true">${text}<p class="progress"><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>${turn.progress || talk.reading}</p></div>`;
  }
}
