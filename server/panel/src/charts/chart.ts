// A chart that opens on demand, with its values as a table beside it: `<pw-chart>`.

import type { ECharts } from "echarts/core";
import { LitElement, css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import "../answers/table";
import { day } from "../language/dates";
import { titled } from "../language/characters";
import { controls } from "../theme/controls";
import type { Surroundings } from "../surroundings";
import { isTelling, type ChartData } from "./forms";
import { lookOf, type Drawing } from "./look";

const WIDEST = 880;
const NARROWEST = 260;

@customElement("pw-chart")
export class ChartView extends LitElement {
  @property({ attribute: false }) around!: Surroundings;
  @property({ attribute: false }) data!: ChartData;
  /** Width in pixels that it may take. */
  @property({ type: Number }) place = 0;
  @state() private isOpen = false;
  @state() private isSheet = false;
  @state() private drawing: Drawing | null = null;
  @state() private state: "waiting" | "drawn" | "nothing" | "failed" = "waiting";
  @query(".canvas") private canvas!: HTMLElement | null;
  private chart: ECharts | null = null;

  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }
      details {
        border: 1px solid var(--pw-line);
        border-radius: var(--pw-radius);
      }
      summary {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 36px;
        padding: 4px 12px;
        border-radius: var(--pw-radius);
        font-weight: 600;
        font-size: 13px;
        cursor: pointer;
        list-style: none;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      summary:hover {
        background: var(--pw-sunk);
      }
      summary .grow {
        flex: 1;
      }
      summary ui5-icon-pw {
        color: var(--pw-accent);
      }
      .way {
        transition: transform 0.15s;
      }
      details[open] .way {
        transform: rotate(180deg);
      }
      .body {
        padding: 4px 12px 12px;
      }
      .canvas {
        max-width: 100%;
        overflow: hidden;
      }
      ul {
        margin-top: 8px;
        color: var(--pw-soft);
        font-size: 12.5px;
      }
      .foot {
        display: flex;
        justify-content: flex-end;
      }
      @media (pointer: coarse) {
        summary {
          min-height: 44px;
        }
      }
      @media (prefers-reduced-motion: reduce) {
        .way {
          transition: none;
        }
      }
    `,
  ];

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("data") && (this.data.form !== "answer" || isTelling(this.data.spec))) this.isOpen = true;
  }

  protected override updated(changed: PropertyValues): void {
    const isMoved = ["data", "around", "place", "isOpen", "isSheet"].some((name) => changed.has(name));
    if (isMoved && this.isOpen && !this.isSheet) void this.draw();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.chart?.dispose();
    this.chart = null;
  }

  protected override render(): TemplateResult | typeof nothing {
    const { chart: texts } = this.around.texts;
    if (this.state === "nothing") return nothing;
    const title = this.data.form === "answer" ? titled(this.data.spec.title) : titled(this.data.data.title);
    const unit = this.drawing?.unit;
    return html`<details ?open=${this.isOpen} @toggle=${(event: Event) => (this.isOpen = (event.target as HTMLDetailsElement).open)}>
      <summary><ui5-icon-pw name="horizontal-bar-chart" aria-hidden="true"></ui5-icon-pw><span>${title}${unit ? `, ${unit}` : ""}</span><span class="grow"></span><ui5-icon-pw class="way" name="slim-arrow-down" aria-hidden="true"></ui5-icon-pw></summary>
      <div class="body">
        ${this.state === "failed" ? html`<p class="muted">${texts.failed}</p>` : nothing} ${this.state === "waiting" ? html`<p class="muted">${texts.loading}</p>` : nothing}
        ${this.isSheet && this.drawing
          ? html`<pw-table .around=${this.around} .table=${this.drawing.sheet} spoken=${this.spoken}></pw-table>`
          : html`<div class="canvas" role="img" aria-label=${this.words(title)}></div>`}
        ${this.drawing?.notes.length ? html`<ul>${this.drawing.notes.map((note) => html`<li>${this.said(note)}</li>`)}</ul>` : nothing}
        ${this.drawing ? html`<div class="foot"><button type="button" class="link" aria-pressed=${this.isSheet ? "true" : "false"} @click=${() => (this.isSheet = !this.isSheet)}>${this.isSheet ? texts.asChart : texts.asTable}</button></div>` : nothing}
      </div>
    </details>`;
  }

  private get spoken() {
    return this.data.form === "answer" ? this.data.answer.language : this.data.spoken;
  }

  /** A note with its days as people of the language write them. */
  private said(note: string): string {
    return note.replace(/\b\d{4}-\d{2}-\d{2}\b/g, (text) => day(text, this.spoken));
  }

  private words(title: string): string {
    if (!this.drawing) return title;
    const { columns } = this.drawing.sheet;
    return [title, columns.slice(1).map(titled).join(", "), ...this.drawing.notes.map((note) => this.said(note))].filter(Boolean).join(". ");
  }

  private async draw(): Promise<void> {
    const { data } = this;
    try {
      const { drawn, drawingOf } = await import("./canvas");
      const place = this.canvas;
      if (data !== this.data || !place || !this.isConnected || !this.isOpen) return;
      const width = Math.max(NARROWEST, Math.min(WIDEST, place.clientWidth || this.place));
      const drawing = drawingOf(data, lookOf(this, this.around.texts.chart, this.spoken, width));
      this.chart?.dispose();
      this.chart = null;
      this.drawing = drawing;
      this.state = drawing ? "drawn" : "nothing";
      if (drawing) this.chart = drawn(place, drawing, width);
    } catch (error) {
      this.state = "failed";
      console.error(error);
    }
  }
}
