// Colours, type and measures of the panel, light and dark; every part inherits them.

import { css } from "lit";

export const tokens = css`
  :host {
    --pw-ground: #f3f5f7;
    --pw-sheet: #ffffff;
    --pw-sunk: #f0f3f5;
    --pw-line: #dde3e8;
    --pw-line-strong: #8796a1;
    --pw-ink: #14212b;
    --pw-soft: #51616d;
    --pw-accent: #0a5c78;
    --pw-accent-strong: #07465c;
    --pw-accent-ink: #ffffff;
    --pw-accent-wash: #e3f0f5;
    --pw-good: #1a6b35;
    --pw-good-wash: #e6f4ea;
    --pw-warn: #7a4700;
    --pw-warn-wash: #fdf2df;
    --pw-bad: #a01c1c;
    --pw-bad-wash: #fcebeb;
    --pw-shadow: 0 8px 28px rgb(20 33 43 / 0.16), 0 1px 3px rgb(20 33 43 / 0.12);
    --pw-series0: #00547a;
    --pw-series1: #d06a00;
    --pw-series2: #8f86d8;
    --pw-series3: #17958a;
    --pw-series4: #b0305c;
    --pw-series5: #4a3a2a;
    --pw-text: "72", "Inter", "Segoe UI", system-ui, -apple-system, "Helvetica Neue", Roboto, "Noto Sans", Arial, sans-serif;
    --pw-mono: "72Mono", ui-monospace, "SF Mono", "Cascadia Mono", Consolas, "Liberation Mono", monospace;
    --pw-radius: 8px;
    --pw-gap: 16px;
    --sapFontFamily: var(--pw-text);
    --sapTextColor: var(--pw-ink);
    --sapGroup_ContentBackground: var(--pw-sheet);
    --sapContent_FocusColor: var(--pw-accent);
    --sapContent_IconColor: currentColor;
    --sapContent_NonInteractiveIconColor: currentColor;
    --sapButton_TextColor: var(--pw-ink);
    --sapButton_BorderColor: var(--pw-line-strong);
    --sapButton_Background: var(--pw-sheet);
    --sapButton_Hover_Background: var(--pw-accent-wash);
    --sapButton_Hover_TextColor: var(--pw-ink);
    --sapButton_Lite_TextColor: var(--pw-accent);
    --sapButton_Lite_Hover_TextColor: var(--pw-accent-strong);
    --sapButton_Lite_Hover_Background: var(--pw-accent-wash);
    --sapButton_Lite_Hover_BorderColor: transparent;
    --sapButton_Emphasized_Background: var(--pw-accent);
    --sapButton_Emphasized_BorderColor: var(--pw-accent);
    --sapButton_Emphasized_TextColor: var(--pw-accent-ink);
    --sapButton_Emphasized_Hover_Background: var(--pw-accent-strong);
    --sapButton_Emphasized_Hover_BorderColor: var(--pw-accent-strong);
    --sapButton_Emphasized_Hover_TextColor: var(--pw-accent-ink);
    color-scheme: light;
    color: var(--pw-ink);
    font-family: var(--pw-text);
    font-size: 14px;
    line-height: 1.5;
    font-variant-numeric: tabular-nums;
    text-align: start;
  }
  :host([data-scheme="dark"]) {
    --pw-ground: #10171c;
    --pw-sheet: #18222a;
    --pw-sunk: #121a20;
    --pw-line: #2b3944;
    --pw-line-strong: #75889a;
    --pw-ink: #e6edf2;
    --pw-soft: #a2b2be;
    --pw-accent: #6cc6e0;
    --pw-accent-strong: #9adaee;
    --pw-accent-ink: #08202a;
    --pw-accent-wash: #16323d;
    --pw-good: #7fd49a;
    --pw-good-wash: #14301f;
    --pw-warn: #f1c27c;
    --pw-warn-wash: #30260f;
    --pw-bad: #ff9f9f;
    --pw-bad-wash: #381a1c;
    --pw-shadow: 0 8px 28px rgb(0 0 0 / 0.55), 0 1px 3px rgb(0 0 0 / 0.4);
    --pw-series0: #6cc3f0;
    --pw-series1: #f2a65a;
    --pw-series2: #8f7fe6;
    --pw-series3: #2fae9d;
    --pw-series4: #d9587f;
    --pw-series5: #d8e0e4;
    color-scheme: dark;
  }
`;

/** Names of the colours of series, in order. */
export const SERIES = [0, 1, 2, 3, 4, 5].map((k) => `--pw-series${k}`);
