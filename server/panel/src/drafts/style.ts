// How cards and the inbox look.

import { css } from "lit";

/** Chips, notices and tables, of the card and the inbox alike. */
export const draftParts = css`
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    padding: 2px 9px;
    border-radius: 6px;
    font-size: 12.5px;
    font-weight: 650;
    white-space: nowrap;
  }
  .chip::before {
    content: "";
    width: 7px;
    height: 7px;
    border-radius: 50%;
    background: currentColor;
  }
  .chip.open {
    background: var(--pw-warn-wash);
    color: var(--pw-warn);
  }
  .chip.moving {
    background: var(--pw-accent-wash);
    color: var(--pw-accent-strong);
  }
  .chip.good {
    background: var(--pw-good-wash);
    color: var(--pw-good);
  }
  .chip.bad {
    background: var(--pw-bad-wash);
    color: var(--pw-bad);
  }
  .chip.plain {
    background: var(--pw-sunk);
    color: var(--pw-soft);
  }
  .chip.plain::before {
    display: none;
  }
  .off,
  .warnings,
  .problem {
    display: flex;
    gap: 10px;
    padding: 10px 14px;
    border-radius: 9px;
    overflow-wrap: anywhere;
  }
  .off,
  .warnings {
    background: var(--pw-warn-wash);
    color: var(--pw-warn);
  }
  .problem {
    background: var(--pw-bad-wash);
    color: var(--pw-bad);
  }
  .off ui5-icon-pw,
  .warnings ui5-icon-pw,
  .problem ui5-icon-pw {
    flex: none;
    margin-top: 3px;
    color: inherit;
  }
  .off li + li,
  .warnings li + li {
    margin-top: 4px;
  }
  @media (forced-colors: active) {
    .chip,
    .off,
    .warnings,
    .problem {
      border: 1px solid CanvasText;
    }
  }
`;

export const draftStyle = css`
  :host {
    display: block;
    container-type: inline-size;
  }
  article {
    border: 1px solid var(--pw-line);
    border-radius: 12px;
    background: var(--pw-sheet);
    overflow: clip;
  }
  article:focus-visible {
    border-radius: 12px;
  }
  header {
    padding: 14px 18px 12px;
    border-bottom: 1px solid var(--pw-line);
  }
  header .top {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 6px 12px;
  }
  h3 {
    font-size: 16.5px;
    font-weight: 650;
    line-height: 1.35;
  }
  header .meta {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 14px;
    margin-top: 3px;
    color: var(--pw-soft);
    font-size: 12.5px;
  }
  header .little {
    color: var(--pw-bad);
    font-weight: 650;
  }
  header .reason {
    margin-top: 8px;
    overflow-wrap: anywhere;
  }
  .body {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 16px;
    padding: 16px 18px;
  }
  h4 {
    margin: 0 0 4px;
    font-size: 12.5px;
    font-weight: 650;
    color: var(--pw-soft);
  }
  dl {
    overflow-wrap: anywhere;
  }
  dt {
    color: var(--pw-soft);
    font-size: 12.5px;
  }
  dd {
    white-space: pre-line;
  }
  .lead {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(210px, 100%), 1fr));
    gap: 12px 20px;
  }
  .lead dd {
    font-size: 16px;
    font-weight: 600;
    line-height: 1.35;
  }
  .facts {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr));
    gap: 3px 28px;
  }
  .facts > div {
    display: grid;
    grid-template-columns: minmax(116px, 34%) minmax(0, 1fr);
    gap: 10px;
    align-items: baseline;
  }
  .long {
    grid-column: 1 / -1;
  }
  .facts > .long {
    grid-template-columns: minmax(116px, 17%) minmax(0, 1fr);
  }
  .mark {
    display: block;
    color: var(--pw-bad);
    font-size: 12.5px;
    font-weight: 600;
  }
  .odd dd {
    text-decoration: underline wavy var(--pw-bad);
    text-underline-offset: 4px;
  }
  .odd .mark {
    display: inline-block;
    text-decoration: none;
  }
  .why {
    display: grid;
    gap: 3px;
    padding-inline-start: 18px;
    list-style: disc;
  }
  .without {
    padding: 10px 14px;
    border-inline-start: 3px solid var(--pw-warn);
    background: var(--pw-sunk);
  }
  .grid {
    overflow-x: auto;
    border: 1px solid var(--pw-line);
    border-radius: 8px;
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-size: 13px;
  }
  th,
  td {
    padding: 6px 10px;
    text-align: start;
    vertical-align: top;
  }
  th {
    background: var(--pw-sunk);
    color: var(--pw-soft);
    font-size: 12px;
    font-weight: 600;
    white-space: nowrap;
  }
  tbody tr + tr td {
    border-top: 1px solid var(--pw-line);
  }
  td {
    overflow-wrap: anywhere;
    min-width: 64px;
  }
  .folded .grid {
    margin: 4px 0 10px;
  }
  details {
    border-top: 1px solid var(--pw-line);
  }
  summary {
    min-height: 32px;
    padding: 5px 2px;
    color: var(--pw-soft);
    font-size: 13px;
    font-weight: 600;
    cursor: pointer;
  }
  summary:hover {
    color: var(--pw-ink);
  }
  .folded .facts {
    padding-bottom: 10px;
  }
  .changes {
    padding: 12px 14px;
    border: 1px solid var(--pw-accent);
    border-radius: 9px;
    background: var(--pw-accent-wash);
  }
  .changes h4 {
    color: var(--pw-accent-strong);
  }
  .changes del {
    color: var(--pw-soft);
    text-decoration-thickness: 1px;
  }
  .changes ins {
    font-weight: 650;
    text-decoration: none;
  }
  .changes th {
    background: none;
  }
  .changes .grid {
    border: 0;
  }
  .changes details {
    border-color: var(--pw-line-strong);
    margin-top: 6px;
  }
  .who {
    display: grid;
    gap: 6px;
    padding: 12px 14px;
    border-radius: 9px;
    background: var(--pw-sunk);
  }
  .who .signed {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
  }
  .who h4 {
    margin: 0;
  }
  .steps {
    display: grid;
    gap: 4px;
    padding: 2px 0 10px 18px;
    list-style: decimal;
    font-size: 13px;
  }
  .steps time {
    color: var(--pw-soft);
  }
  footer {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 8px 16px;
    padding: 12px 18px 14px;
    border-top: 1px solid var(--pw-line);
    background: var(--pw-sheet);
  }
  footer > form,
  footer > .problem {
    flex: 1 0 100%;
    min-width: 0;
  }
  footer.sticky {
    position: sticky;
    bottom: 0;
    z-index: 1;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .actions .button {
    min-height: 36px;
    white-space: normal;
    text-align: start;
  }
  .actions .danger:hover {
    border-color: var(--pw-bad);
    background: var(--pw-bad-wash);
    color: var(--pw-bad);
  }
  .digest {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 2px 8px;
    color: var(--pw-soft);
    font-size: 12.5px;
  }
  .digest code {
    font-family: var(--pw-mono);
    overflow-wrap: anywhere;
  }
  form {
    display: grid;
    gap: 12px;
    padding: 14px;
    border: 1px solid var(--pw-line-strong);
    border-radius: 10px;
  }
  form h4 {
    margin: 0;
    color: var(--pw-ink);
    font-size: 14.5px;
  }
  .fields {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(200px, 100%), 1fr));
    gap: 12px;
  }
  .fields .wide {
    grid-column: 1 / -1;
  }
  label {
    display: grid;
    gap: 3px;
    font-weight: 600;
    font-size: 13px;
  }
  input,
  select,
  textarea {
    width: 100%;
    min-height: 36px;
    padding: 6px 10px;
    border: 1px solid var(--pw-line-strong);
    border-radius: var(--pw-radius);
    background: var(--pw-sheet);
    font-size: 14px;
    font-weight: 450;
  }
  textarea {
    resize: vertical;
  }
  [aria-invalid="true"] {
    border-color: var(--pw-bad);
  }
  .wrong {
    color: var(--pw-bad);
    font-weight: 600;
    font-size: 13px;
  }
  .gone {
    padding: 14px 18px;
  }
  @container (max-width: 520px) {
    .lead {
      grid-template-columns: repeat(auto-fill, minmax(min(140px, 100%), 1fr));
      gap: 10px 14px;
    }
    header,
    .body,
    footer {
      padding-inline: 14px;
    }
    thead {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    table,
    tbody,
    tr,
    td {
      display: block;
    }
    tbody tr {
      padding: 7px 0;
    }
    tbody tr + tr {
      border-top: 1px solid var(--pw-line);
    }
    td {
      display: grid;
      grid-template-columns: 96px minmax(0, 1fr);
      gap: 8px;
      padding: 2px 10px;
      border: 0 !important;
    }
    td.empty {
      display: none;
    }
    td::before {
      content: attr(data-label);
      color: var(--pw-soft);
    }
    .actions .button {
      flex: 1 1 auto;
      justify-content: center;
      text-align: center;
    }
    .actions .primary {
      flex-basis: 100%;
    }
  }
  @media (pointer: coarse) {
    summary,
    .actions .button,
    input,
    select,
    textarea {
      min-height: 44px;
    }
    summary {
      line-height: 34px;
    }
  }
`;
