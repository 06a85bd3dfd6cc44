// What every part styles the same: boxes, buttons that are text, focus, and what only screen readers hear.

import { css } from "lit";

export const controls = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd,
  figure,
  blockquote,
  pre {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  button,
  input,
  select,
  textarea {
    font: inherit;
    color: inherit;
    letter-spacing: inherit;
  }
  button {
    cursor: pointer;
  }
  :focus-visible {
    outline: 2px solid var(--pw-accent);
    outline-offset: 2px;
    border-radius: 4px;
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .muted {
    color: var(--pw-soft);
  }
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-height: 32px;
    padding: 4px 12px;
    border: 1px solid var(--pw-line-strong);
    border-radius: var(--pw-radius);
    background: var(--pw-sheet);
    font-weight: 550;
    white-space: nowrap;
  }
  .button:hover {
    background: var(--pw-accent-wash);
    border-color: var(--pw-accent);
  }
  .button.primary {
    border-color: var(--pw-accent);
    background: var(--pw-accent);
    color: var(--pw-accent-ink);
  }
  .button.primary:hover {
    background: var(--pw-accent-strong);
  }
  .button[disabled] {
    opacity: 0.5;
    cursor: default;
  }
  .link {
    display: inline-flex;
    align-items: center;
    gap: 5px;
    min-height: 24px;
    padding: 0 4px;
    margin: 0 -4px;
    border: 0;
    border-radius: 4px;
    background: none;
    color: var(--pw-accent);
    font-weight: 550;
    text-align: start;
  }
  .link:hover {
    background: var(--pw-accent-wash);
    text-decoration: underline;
    text-underline-offset: 2px;
  }
  .tag {
    color: var(--pw-soft);
    font-size: 12px;
    font-weight: 600;
  }
  @media (pointer: coarse) {
    .button,
    .link {
      min-height: 44px;
    }
    .button {
      min-width: 44px;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
      scroll-behavior: auto !important;
    }
  }
  @media (forced-colors: active) {
    .button,
    .link {
      border: 1px solid ButtonText;
    }
  }
`;
