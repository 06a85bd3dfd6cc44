// How an answer looks.

import { css } from "lit";

export const answerStyle = css`
  :host {
    display: block;
    container-type: inline-size;
  }
  :host > * + * {
    margin-top: 14px;
  }
  .text {
    max-width: 76ch;
    font-size: 15.5px;
    line-height: 1.6;
    overflow-wrap: anywhere;
  }
  .text + .text {
    margin-top: 6px;
  }
  .verdict {
    display: inline-block;
    padding: 3px 10px;
    border-radius: 7px;
    background: var(--pw-accent-wash);
    color: var(--pw-accent-strong);
    font-size: 13.5px;
    font-weight: 650;
  }
  .verdict.cannot_answer {
    background: var(--pw-warn-wash);
    color: var(--pw-warn);
  }
  .verdict.refused {
    background: var(--pw-bad-wash);
    color: var(--pw-bad);
  }
  .supposed {
    margin: 0 0 8px;
    padding: 6px 10px;
    border-left: 3px solid var(--pw-warn);
    background: var(--pw-warn-wash);
    font-size: 13.5px;
  }
  .figure {
    display: inline;
    padding: 0 2px;
    margin: 0 -2px;
    border: 0;
    border-radius: 4px;
    background: none;
    color: var(--pw-accent);
    font-weight: 650;
    line-height: inherit;
    text-decoration: underline;
    text-decoration-style: dotted;
    text-decoration-thickness: 1.5px;
    text-underline-offset: 4px;
  }
  .figure:hover {
    background: var(--pw-accent-wash);
    text-decoration-style: solid;
  }
  .figures {
    display: flex;
    flex-wrap: wrap;
    gap: 10px;
  }
  .card {
    display: flex;
    flex-direction: column;
    min-width: 150px;
    padding: 10px 14px 11px;
    border: 1px solid var(--pw-line);
    border-radius: 10px;
    background: var(--pw-sunk);
    text-align: start;
  }
  button.card:hover {
    border-color: var(--pw-accent);
  }
  .card .label {
    color: var(--pw-soft);
    font-size: 12.5px;
  }
  .card .value {
    font-size: 22px;
    font-weight: 650;
    line-height: 1.3;
    letter-spacing: -0.01em;
  }
  .card small {
    color: var(--pw-soft);
    font-size: 13px;
    font-weight: 450;
  }
  .result > * + * {
    margin-top: 8px;
  }
  .result h3 {
    font-size: 14.5px;
    font-weight: 650;
  }
  .quotes {
    display: grid;
    gap: 10px;
  }
  .quotes figure {
    padding: 2px 0 2px 14px;
    border-inline-start: 3px solid var(--pw-accent);
  }
  .quotes blockquote {
    max-width: 72ch;
    overflow-wrap: anywhere;
  }
  .quotes figcaption {
    color: var(--pw-soft);
    font-size: 12.5px;
  }
  .notes {
    display: grid;
    gap: 5px;
    padding-top: 12px;
    border-top: 1px solid var(--pw-line);
    font-size: 13px;
  }
  .notes > div {
    display: grid;
    grid-template-columns: 92px minmax(0, 1fr);
    gap: 8px;
  }
  .notes dt {
    color: var(--pw-soft);
    font-weight: 600;
  }
  .notes dd {
    overflow-wrap: anywhere;
  }
  .notes .link {
    margin-inline-end: 6px;
    min-height: 20px;
  }
  .caveats dd {
    color: var(--pw-warn);
  }
  .caveats li + li {
    margin-top: 3px;
  }
  .choices {
    display: grid;
    gap: 6px;
  }
  .choice {
    display: flex;
    align-items: baseline;
    gap: 10px;
    min-height: 38px;
    padding: 8px 12px;
    border: 1px solid var(--pw-line-strong);
    border-radius: 9px;
    background: var(--pw-sheet);
    text-align: start;
  }
  .choice:hover {
    border-color: var(--pw-accent);
    background: var(--pw-accent-wash);
  }
  kbd {
    flex: none;
    min-width: 20px;
    padding: 0 5px;
    border: 1px solid var(--pw-line-strong);
    border-bottom-width: 2px;
    border-radius: 5px;
    font: 600 12px/1.5 var(--pw-text);
    text-align: center;
  }
  .next > div {
    display: flex;
    flex-wrap: wrap;
    gap: 7px;
    margin-top: 5px;
  }
  .pill {
    min-height: 32px;
    padding: 4px 13px;
    border: 1px solid var(--pw-accent);
    border-radius: 16px;
    background: none;
    color: var(--pw-accent);
    font-weight: 550;
    text-align: start;
    overflow-wrap: anywhere;
  }
  .pill:hover {
    background: var(--pw-accent-wash);
  }
  .foot {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 2px 14px;
    color: var(--pw-soft);
    font-size: 12.5px;
  }
  .grow {
    flex: 1;
  }
  @container (max-width: 400px) {
    .notes > div {
      grid-template-columns: minmax(0, 1fr);
      gap: 0;
    }
    .notes {
      gap: 8px;
    }
  }
  @media (pointer: coarse) {
    .pill,
    .choice {
      min-height: 44px;
    }
    .pill {
      border-radius: 22px;
    }
    .notes .link {
      min-height: 44px;
    }
  }
  @media (forced-colors: active) {
    .figure,
    .card,
    .choice,
    .pill {
      border: 1px solid ButtonText;
    }
  }
`;
