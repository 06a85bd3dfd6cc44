// Nobody is signed in here: `<pw-sign-in>`. Fires `pw-signed-in` once somebody is.

import { LitElement, css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { asProblem } from "../connection/problem";
import type { SessionShown } from "../connection/records";
import { beginning, handover, isFramed } from "../connection/session";
import { plain } from "../language/characters";
import { controls } from "../theme/controls";
import type { Surroundings } from "../surroundings";
import { mark } from "./mark";

@customElement("pw-sign-in")
export class SignIn extends LitElement {
  @property({ attribute: false }) around!: Surroundings;
  @property({ attribute: false }) session!: SessionShown;
  /** True where a session has ended while somebody was asking. */
  @property({ type: Boolean }) ended = false;
  @state() private isWaiting = false;
  @state() private problem = "";

  static override styles = [
    controls,
    css`
      :host {
        flex: 1;
        display: grid;
        place-items: center;
        padding: 24px;
        overflow-y: auto;
      }
      section {
        width: min(420px, 100%);
        padding: 28px;
        border: 1px solid var(--pw-line);
        border-radius: 16px;
        background: var(--pw-sheet);
      }
      .mark {
        display: block;
        width: 40px;
        height: 40px;
        margin-bottom: 14px;
      }
      h1 {
        font-size: 21px;
        font-weight: 680;
        letter-spacing: -0.015em;
      }
      p {
        margin-top: 6px;
        color: var(--pw-soft);
      }
      .button {
        width: 100%;
        min-height: 42px;
        margin-top: 20px;
      }
      .bad {
        color: var(--pw-bad);
      }
    `,
  ];

  protected override render(): TemplateResult {
    const { sign } = this.around.texts;
    return html`<section aria-labelledby="title">
      ${mark}
      <h1 id="title" tabindex="-1">${sign.title}</h1>
      <p>${this.ended ? sign.expired : sign.why}</p>
      <button type="button" class="button primary" ?disabled=${this.isWaiting} @click=${this.begin}>${sign.begin}</button>
      ${this.needsWindow ? html`<p>${sign.popup}</p>` : nothing}
      <div role="status">${this.isWaiting ? html`<p>${sign.waiting}</p>` : nothing}${this.problem ? html`<p class="bad">${this.around.texts.problem.own(plain(this.problem))}</p>` : nothing}</div>
    </section>`;
  }

  private get needsWindow(): boolean {
    return this.around.service.isElsewhere || isFramed();
  }

  private async begin(): Promise<void> {
    const { service } = this.around;
    this.problem = "";
    try {
      if (!this.needsWindow) {
        location.assign(beginning(service, this.session, location.pathname + location.search + location.hash));
        return;
      }
      this.isWaiting = true;
      await handover(service);
      this.dispatchEvent(new CustomEvent("pw-signed-in"));
    } catch (error) {
      this.problem = asProblem(error).message;
    } finally {
      this.isWaiting = false;
    }
  }
}
