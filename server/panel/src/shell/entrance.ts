// What is seen before somebody is there: the way in, or why there is none.

import "./sign_in";
import { html, nothing, type TemplateResult } from "lit";
import { plain } from "../language/characters";
import type { Surroundings } from "../surroundings";
import type { Presence } from "./presence";

export function entrance(presence: Presence, around: Surroundings): TemplateResult {
  const { texts } = around;
  const { problem, session } = presence;
  const { own } = texts.problem;
  if (presence.isUnlisted) return html`<div class="alone"><div class="problem" role="alert"><strong>${texts.sign.unlisted}</strong><p>${texts.sign.unlistedWhy(location.origin)}</p></div></div>`;
  if (problem)
    return html`<div class="alone"><div class="problem" role="alert"><strong>${own(plain(problem.title))}</strong><p>${problem.isLost ? texts.talk.unreachable : own(plain(problem.message))}</p>${problem.isLost ? nothing : html`<button type="button" class="button" @click=${() => presence.begin()}>${texts.problem.again}</button>`}</div></div>`;
  if (!session || session.signed_in) return html`<div class="alone"><p class="loading">${texts.shell.loading}</p></div>`;
  return html`<main class="entrance"><pw-sign-in .around=${around} .session=${session} ?ended=${presence.hasEnded} @pw-signed-in=${() => presence.begin()}></pw-sign-in></main>`;
}
