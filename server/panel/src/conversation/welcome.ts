// The empty conversation: what one could ask first.

import { html, type TemplateResult } from "lit";
import type { Me } from "../connection/records";
import { plain } from "../language/characters";
import type { Surroundings } from "../surroundings";

/** The greeting, and openers as buttons. */
export function welcome(me: Me, around: Surroundings): TemplateResult {
  const { talk } = around.texts;
  return html`<section class="welcome" aria-labelledby="welcome">
    <h2 id="welcome">${talk.welcome}</h2>
    <p>${talk.lead}</p>
    ${me.openers.length ? html`<h3 class="unseen">${talk.openers}</h3>` : null}
    <ul class="openers">
      ${me.openers.map((text) => html`<li><button type="button" class="opener" @click=${() => around.ask(text)}>${plain(text)}</button></li>`)}
    </ul>
  </section>`;
}
