// How the panel's parts stand to each other, from a side panel of 320 pixels to a whole screen.

import { css } from "lit";

export const panelStyle = css`
  :host {
    display: block;
    height: 100%;
    overflow: hidden;
    background: var(--pw-ground);
  }
  .whole {
    position: relative;
    display: flex;
    flex-direction: column;
    height: 100%;
    min-height: 0;
  }
  .alone {
    flex: 1;
    display: grid;
    place-items: center;
    min-height: 0;
    padding: 24px;
  }
  .loading {
    color: var(--pw-soft);
    opacity: 0;
    animation: appear 0.2s 0.5s forwards;
  }
  @keyframes appear {
    to {
      opacity: 1;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .loading {
      opacity: 1;
    }
  }
  .entrance {
    flex: 1;
  }
  .banner {
    display: flex;
    align-items: center;
    gap: 12px;
    padding: 8px 16px;
    border-bottom: 1px solid var(--pw-line);
    background: var(--pw-warn-wash);
    color: var(--pw-warn);
    font-weight: 550;
  }
  .problem {
    max-width: 460px;
    padding: 20px;
    border: 1px solid var(--pw-bad);
    border-radius: 12px;
    background: var(--pw-bad-wash);
  }
  .problem strong {
    color: var(--pw-bad);
  }
  .problem .button {
    margin-top: 12px;
  }
  .room {
    position: relative;
    flex: 1;
    min-height: 0;
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    grid-template-rows: minmax(0, 1fr);
  }
  .room.listed {
    grid-template-columns: 264px minmax(0, 1fr);
  }
  .room.split {
    grid-template-columns: minmax(0, 1fr) 388px;
  }
  .room.listed.split {
    grid-template-columns: 264px minmax(0, 1fr) 388px;
  }
  .side {
    display: flex;
    min-height: 0;
    border-inline-end: 1px solid var(--pw-line);
    background: var(--pw-sheet);
  }
  .side > * {
    flex: 1;
    min-width: 0;
  }
  main {
    display: flex;
    flex-direction: column;
    min-width: 0;
    min-height: 0;
  }
  aside {
    display: flex;
    min-width: 0;
    min-height: 0;
    border-inline-start: 1px solid var(--pw-line);
  }
  aside > * {
    flex: 1;
    min-width: 0;
  }
  .log {
    flex: 1;
    min-height: 0;
    container-type: size;
    overflow-y: auto;
    overscroll-behavior: contain;
    padding: 20px 24px 12px;
  }
  .turns,
  .welcome {
    display: block;
    max-width: 900px;
    margin: 0 auto;
  }
  pw-inbox {
    flex: 1;
  }
  .turns > * + * {
    margin-top: 28px;
  }
  /* The newest question can stand at the top while its answer grows below it. */
  .turns > :last-child:not(:first-child) {
    min-height: calc(100cqb - 30px);
  }
  .foot {
    position: relative;
    width: 100%;
    max-width: 948px;
    margin: 0 auto;
    padding: 6px 24px 12px;
  }
  .latest {
    position: absolute;
    bottom: 100%;
    left: 50%;
    margin-bottom: 4px;
    transform: translateX(-50%);
    border-radius: 18px;
    box-shadow: var(--pw-shadow);
  }
  .welcome {
    max-width: 760px;
    padding-top: min(11vh, 96px);
  }
  .welcome h2 {
    font-size: 28px;
    font-weight: 680;
    line-height: 1.2;
    letter-spacing: -0.022em;
  }
  .welcome p {
    max-width: 56ch;
    margin: 8px 0 24px;
    color: var(--pw-soft);
    font-size: 15.5px;
  }
  .openers {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(260px, 1fr));
    gap: 10px;
  }
  .opener {
    display: block;
    width: 100%;
    height: 100%;
    min-height: 56px;
    padding: 11px 15px;
    border: 1px solid var(--pw-line);
    border-radius: 12px;
    background: var(--pw-sheet);
    font-weight: 500;
    line-height: 1.4;
    text-align: start;
  }
  .opener:hover {
    border-color: var(--pw-accent);
    background: var(--pw-accent-wash);
  }
  .shade {
    position: absolute;
    inset: 0;
    z-index: 10;
    background: rgb(8 16 22 / 0.42);
  }

  :host([data-width="medium"]) .room,
  :host([data-width="narrow"]) .room {
    grid-template-columns: minmax(0, 1fr);
  }
  :host([data-width="medium"]) .side,
  :host([data-width="narrow"]) .side {
    position: absolute;
    z-index: 20;
    inset-block: 0;
    inset-inline-start: 0;
    width: min(300px, 86%);
    box-shadow: var(--pw-shadow);
  }
  :host([data-width="medium"]) aside,
  :host([data-width="narrow"]) aside {
    position: absolute;
    z-index: 20;
    inset-block: 0;
    inset-inline-end: 0;
    width: min(420px, 100%);
    box-shadow: var(--pw-shadow);
  }
  :host([data-width="narrow"]) .log {
    padding: 14px 12px 8px;
  }
  :host([data-width="narrow"]) .foot {
    padding: 4px 10px 10px;
  }
  :host([data-width="narrow"]) .welcome {
    padding-top: 20px;
  }
  :host([data-width="narrow"]) .welcome h2 {
    font-size: 23px;
  }
`;
