// A draft's card inside an answer: `<pw-draft draft-id="...">`.

import { LitElement, html, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Surroundings } from "../surroundings";

@customElement("pw-draft")
export class DraftCard extends LitElement {
  @property({ attribute: "draft-id" }) draftId = "";
  @property({ attribute: false }) around!: Surroundings;

  protected override render(): TemplateResult {
    return html`<p>${this.draftId}</p>`;
  }
}
