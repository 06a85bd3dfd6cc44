// The empty conversation: what one could ask first.

import { html, type TemplateResult } from "lit";
import type { Me } from "../connection/records";
import { plain } from "../language/characters";
import type { Surroundings } from "../surroundings";

/** The greeting, and openers as buttons. */
export function welcome(me: Me, around: Surroundings): TemplateResult {
  const { talk } = around.texts;
  return html`<section class="welcome" aria-labelledby="welcome">
    <h1 id="welcome">${talk.welcome}</h1>
    <p>${talk.lead}</p>
    ${me.openers.length ? html`<h2 class="unseen">${talk.openers}</h2>` : null}
    <ul class="openers">
      ${me.openers.map((text) => html`<li><button type="button" class="opener" @click=${() => around.ask(text)}>${plain(text)}</button></li>`)}
    </ul>
  </section>`;
}
