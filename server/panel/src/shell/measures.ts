// How much room there is: for the panel, and for drawings beside the list and the evidence.

export type Width = "narrow" | "medium" | "wide";

export interface Measured {
  /** The panel has a width of another kind than before, or its first. */
  widened(width: Width): void;
  /** Drawings have another width. */
  placed(): void;
}

const widthOf = (pixels: number): Width => (pixels < 640 ? "narrow" : pixels < 1080 ? "medium" : "wide");

export class Measures {
  width: Width = "wide";
  /** Width in pixels that drawings may take. */
  place = 0;
  private isMeasured = false;
  private log: HTMLElement | null = null;
  private observer: ResizeObserver | null = null;

  constructor(
    private readonly panel: HTMLElement,
    private readonly on: Measured,
  ) {}

  begin(): void {
    this.observer = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) {
        if (target === this.panel) this.resized(contentRect.width);
        else if (contentRect.width) this.placed(contentRect.width);
      }
    });
    this.observer.observe(this.panel);
    this.log = null;
  }

  close(): void {
    this.observer?.disconnect();
  }

  /** Measure the talk too, as long as it is shown: the list and the evidence take their room from it. */
  follow(log: HTMLElement | null): void {
    if (log === this.log) return;
    if (this.log) this.observer?.unobserve(this.log);
    if (log) this.observer?.observe(log);
    this.log = log;
  }

  private resized(pixels: number): void {
    const width = widthOf(pixels);
    if (width === this.width && this.isMeasured) return;
    this.isMeasured = true;
    this.width = width;
    this.on.widened(width);
  }

  private placed(pixels: number): void {
    const place = Math.max(200, Math.floor(Math.min(900, pixels) / 20) * 20 - (this.width === "narrow" ? 80 : 120));
    if (place === this.place) return;
    this.place = place;
    this.on.placed();
  }
}
