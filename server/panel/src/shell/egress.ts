// What may leave for a hosted model, as an administrator reads it: `<pw-egress>`.

import { LitElement, css, html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { asProblem } from "../connection/problem";
import type { EgressClass, EgressShown } from "../connection/records";
import { plain } from "../language/characters";
import { controls } from "../theme/controls";
import type { Surroundings } from "../surroundings";

@customElement("pw-egress")
export class Egress extends LitElement {
  @property({ attribute: false }) around!: Surroundings;
  /** Names of sites by their code. */
  @property({ attribute: false }) names: ReadonlyMap<string, string> = new Map();
  @state() private shown: EgressShown | null = null;
  @state() private problem = "";

  static override styles = [
    controls,
    css`
      :host {
        display: block;
        margin-top: 12px;
        font-size: 13px;
      }
      summary {
        min-height: 28px;
        font-weight: 600;
        cursor: pointer;
      }
      table {
        width: 100%;
        margin-top: 6px;
        border-collapse: collapse;
      }
      caption {
        color: var(--pw-soft);
        font-weight: 600;
        text-align: start;
      }
      th,
      td {
        padding: 4px 8px 4px 0;
        border-bottom: 1px solid var(--pw-line);
        text-align: start;
        vertical-align: top;
      }
      th {
        font-weight: 450;
      }
      td {
        font-weight: 600;
        white-space: nowrap;
      }
      .bad {
        color: var(--pw-bad);
      }
      @media (pointer: coarse) {
        summary {
          min-height: 44px;
          line-height: 44px;
        }
      }
    `,
  ];

  protected override render(): TemplateResult {
    const { egress: texts } = this.around.texts;
    return html`<details @toggle=${this.opened}>
      <summary>${texts.title}</summary>
      ${this.problem ? html`<p class="bad" role="alert">${plain(this.problem)}</p>` : this.shown ? this.policy(this.shown) : html`<p class="muted" role="status">${this.around.texts.shell.loading}</p>`}
    </details>`;
  }

  private policy(shown: EgressShown): TemplateResult {
    const { egress: texts } = this.around.texts;
    const treatments = (classes: readonly EgressClass[]): string => classes.map((one) => one.treatment).join();
    const apart = shown.sites.filter((site) => treatments(site.classes) !== treatments(shown.default));
    return html`<p class="muted">${shown.sends ? texts.sends(plain(shown.model)) : texts.nothing}</p>
      ${table(texts.everywhere, shown.default, texts)}
      ${apart.map((site) => table(plain(this.names.get(site.site) ?? site.site), site.classes, texts))}
      ${apart.length ? html`<p class="muted">${texts.strictest}</p>` : nothing}`;
  }

  private async opened(event: Event): Promise<void> {
    if (!(event.target as HTMLDetailsElement).open) return;
    try {
      this.problem = "";
      this.shown = await this.around.service.call<EgressShown>("/v1/admin/egress");
    } catch (error) {
      this.problem = asProblem(error).message;
    }
  }
}

function table(title: string, classes: readonly EgressClass[], texts: Surroundings["texts"]["egress"]): TemplateResult {
  return html`<table>
    <caption>${title}</caption>
    <tbody>${classes.map((one) => html`<tr><th scope="row">${texts.classes[one.name]}</th><td>${texts.treatments[one.treatment]}</td></tr>`)}</tbody>
  </table>`;
}
