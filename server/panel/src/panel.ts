// The panel itself: `<pw-panel>`.

import "./theme/parts";
import "./drafts/index";
import { LitElement, html, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { controls } from "./theme/controls";
import { tokens } from "./theme/tokens";

@customElement("pw-panel")
export class Panel extends LitElement {
  static override styles = [tokens, controls];

  protected override render(): TemplateResult {
    return html`<ui5-button-pw icon="paper-plane" design="Emphasized">Ask</ui5-button-pw>`;
  }
}
