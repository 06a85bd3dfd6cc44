// What is switched off: drafting and writing stand still there until somebody switches it on again.

import { html, nothing, type TemplateResult } from "lit";
import { plain } from "../language/characters";
import { moment } from "../language/dates";
import type { DraftTexts } from "../language/drafts_en";
import type { Language } from "../language/texts";
import type { DraftShown, Off } from "./records";

/** Those of them that stand in this draft's way. */
export function inTheWayOf(shown: DraftShown, off: readonly Off[]): readonly Off[] {
  return off.filter((each) => {
    switch (each.target) {
      case "all":
        return true;
      case "site":
        return shown.sites.includes(each.name);
      case "flow":
        return each.name === shown.kind;
      case "tool":
        return each.name === `draft_${shown.kind.split("_")[1] ?? ""}`;
    }
  });
}

export function offNotice(off: readonly Off[], texts: DraftTexts, language: Language): TemplateResult | typeof nothing {
  if (!off.length) return nothing;
  return html`<section class="off" role="status" aria-label=${texts.off.title}>
    <ui5-icon-pw name="stop" aria-hidden="true"></ui5-icon-pw>
    <ul>
      ${off.map((each) => html`<li><strong>${texts.off.line(plain(each.what), plain(each.by), moment(each.since, language))}</strong> <span lang="en">${plain(each.reason)}</span></li>`)}
    </ul>
  </section>`;
}
