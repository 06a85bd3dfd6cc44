// What waits for whoever asks: `<pw-inbox>`; `selected` names one draft of it.

import { LitElement, html, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Surroundings } from "../surroundings";

@customElement("pw-inbox")
export class Inbox extends LitElement {
  @property({ attribute: false }) around!: Surroundings;
  @property() selected = "";

  protected override render(): TemplateResult {
    return html`<p>${this.around.texts.drafts.none}</p>`;
  }
}
