// How the inbox looks: a list beside the open card, or one in place of the other.

import { css } from "lit";

export const inboxStyle = css`
  :host {
    display: block;
    height: 100%;
    min-height: 0;
    container-type: inline-size;
  }
  .rooms {
    display: grid;
    grid-template-columns: minmax(320px, 420px) minmax(0, 1fr);
    height: 100%;
    min-height: 0;
  }
  .list,
  .detail {
    min-height: 0;
    overflow-y: auto;
    padding: 16px;
  }
  .list {
    display: flex;
    flex-direction: column;
    gap: 12px;
    border-inline-end: 1px solid var(--pw-line);
    background: var(--pw-sheet);
  }
  .list > * {
    flex: none;
  }
  /* The docked foot of a card sticks to the content's edge: what is below it belongs to the card. */
  .detail {
    padding-bottom: 0;
  }
  .explained h3 {
    margin: 0 0 6px;
    font-size: 14px;
    font-weight: 650;
  }
  .detail pw-explanation,
  .detail pw-draft {
    max-width: 860px;
    margin-inline: auto;
    padding-bottom: 24px;
  }
  .back {
    display: none;
    margin: 0 0 8px;
  }
  .choose {
    padding: 18vh 16px 0;
    text-align: center;
  }
  .head {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 12px;
  }
  h2 {
    font-size: 18px;
    font-weight: 650;
  }
  .site {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    font-size: 13px;
  }
  select {
    max-width: 180px;
    min-height: 32px;
    padding: 3px 8px;
    border: 1px solid var(--pw-line-strong);
    border-radius: var(--pw-radius);
    background: var(--pw-sheet);
  }
  .shelves {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
  }
  .shelf {
    min-height: 30px;
    padding: 2px 11px;
    border: 1px solid var(--pw-line-strong);
    border-radius: 15px;
    background: none;
    font-size: 13px;
  }
  .shelf:hover {
    border-color: var(--pw-accent);
    background: var(--pw-accent-wash);
  }
  .shelf[aria-pressed="true"] {
    border-color: var(--pw-accent);
    background: var(--pw-accent);
    color: var(--pw-accent-ink);
  }
  .shelf b {
    font-weight: 650;
  }
  .drafts {
    border: 1px solid var(--pw-line);
    border-radius: 10px;
    overflow: clip;
  }
  .drafts li {
    display: flex;
    align-items: stretch;
  }
  .drafts li + li {
    border-top: 1px solid var(--pw-line);
  }
  .drafts li.current {
    background: var(--pw-accent-wash);
    box-shadow: inset 3px 0 var(--pw-accent);
  }
  .pick {
    display: grid;
    flex: 0 0 40px;
    place-items: center;
  }
  .pick input {
    width: 18px;
    height: 18px;
    accent-color: var(--pw-accent);
  }
  .row {
    display: grid;
    flex: 1;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 1px 12px;
    min-width: 0;
    padding: 10px 12px;
    border: 0;
    background: none;
    text-align: start;
    overflow-wrap: anywhere;
  }
  .pick + .row {
    padding-inline-start: 0;
  }
  .row:hover {
    background: var(--pw-accent-wash);
  }
  .row:focus-visible {
    outline-offset: -2px;
  }
  .what {
    font-weight: 600;
  }
  .worth {
    font-weight: 600;
    white-space: nowrap;
  }
  .row .muted {
    font-size: 12.5px;
  }
  .row > .muted {
    grid-column: 1 / -1;
  }
  .row .standing {
    display: flex;
    flex-wrap: wrap;
    grid-column: 1 / -1;
    gap: 6px 10px;
    align-items: center;
    font-size: 12.5px;
  }
  .little {
    color: var(--pw-bad);
    font-weight: 650;
  }
  .empty {
    padding: 26px 8px;
    text-align: center;
  }
  .together {
    position: sticky;
    bottom: -16px;
    display: grid;
    gap: 8px;
    margin: 0 -16px;
    padding: 12px 16px;
    border-block: 1px solid var(--pw-line);
    background: var(--pw-sheet);
    box-shadow: var(--pw-shadow);
  }
  .together ol {
    padding-inline-start: 20px;
    list-style: decimal;
  }
  .together code {
    font-family: var(--pw-mono);
    font-size: 12.5px;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .actions .button {
    white-space: normal;
  }
  .foot {
    font-size: 12.5px;
  }
  @container (max-width: 780px) {
    .rooms {
      grid-template-columns: minmax(0, 1fr);
    }
    .list {
      border: 0;
    }
    .rooms[data-open] .list,
    .rooms:not([data-open]) .detail {
      display: none;
    }
    .back {
      display: inline-flex;
    }
    .detail {
      padding: 10px 10px 0;
    }
  }
  @media (pointer: coarse) {
    .shelf,
    select {
      min-height: 44px;
    }
    .shelf {
      border-radius: 22px;
    }
    .pick {
      flex-basis: 48px;
    }
    .pick input {
      width: 24px;
      height: 24px;
    }
  }
`;
