// What a decision needs besides a click: why it is rejected, what is to change, what was found in the ERP.

import { html, nothing, type TemplateResult } from "lit";
import { plain } from "../language/characters";
import type { DraftTexts } from "../language/drafts_en";
import type { Edit, Found } from "./board";
import { typed } from "./quantity";
import type { DraftDetail } from "./records";

export type Asked = "reject" | "edit" | "reconcile";

/** What came of a form: something to send, or what is wrong with a field of it. */
export type Filled<T> = { readonly kind: "filled"; readonly value: T } | { readonly kind: "wrong"; readonly field: string; readonly words: string };

export interface Form {
  readonly shown: DraftDetail;
  readonly texts: DraftTexts;
  /** What is wrong with a field. */
  readonly wrong: { readonly field: string; readonly words: string } | null;
  readonly isBusy: boolean;
  submit(event: SubmitEvent): void;
  cancel(): void;
}

const word = (given: FormData, name: string): string => String(given.get(name) ?? "").trim();
const wrong = (field: string, words: string): { kind: "wrong"; field: string; words: string } => ({ kind: "wrong", field, words });

/** The note of the draft; a hold's is its reason. */
export const noteOf = (shown: DraftDetail): string => String(shown.draft[shown.kind === "quality_hold" ? "reason" : "note"] ?? "");

export function rejection(given: FormData, texts: DraftTexts): Filled<string> {
  const reason = word(given, "reason");
  return reason ? { kind: "filled", value: reason } : wrong("reason", texts.needed);
}

/** Only what was changed: the rest is looked up anew by the service. */
export function change(given: FormData, shown: DraftDetail, texts: DraftTexts): Filled<Edit> {
  const quantity = typed(word(given, "quantity"));
  if (quantity.kind === "none") return wrong("quantity", texts.editing.noNumber);
  if (quantity.kind === "two") return wrong("quantity", texts.editing.twoReadings(plain(word(given, "quantity"))));
  const needed = word(given, "needed_on");
  if (shown.editable?.needed_on && !needed) return wrong("needed_on", texts.needed);
  const note = word(given, "note");
  const edit: Edit = {
    ...(quantity.value === shown.editable?.quantity ? {} : { quantity: quantity.value }),
    ...(needed && needed !== shown.editable?.needed_on ? { needed_on: needed } : {}),
    ...(note === noteOf(shown) ? {} : { note }),
  };
  return Object.keys(edit).length ? { kind: "filled", value: edit } : wrong("quantity", texts.editing.nothing);
}

export function finding(given: FormData, texts: DraftTexts): Filled<Found> {
  const outcome = word(given, "outcome") === "found" ? "found" : "not_written";
  const number = outcome === "found" ? word(given, "number") : "";
  if (outcome === "found" && !number) return wrong("number", texts.needed);
  const reason = word(given, "reason");
  return reason ? { kind: "filled", value: { outcome, number, reason, ...(word(given, "part") ? { part: word(given, "part") } : {}) } } : wrong("reason", texts.needed);
}

function field(form: Form, name: string, label: string, control: TemplateResult, isWide = false): TemplateResult {
  const said = form.wrong?.field === name ? html`<span class="wrong" id="wrong-${name}" role="alert">${form.wrong.words}</span>` : nothing;
  return html`<div class=${isWide ? "wide" : ""}><label>${label} ${control}</label>${said}</div>`;
}

const is = (form: Form, name: string): "true" | "false" => (form.wrong?.field === name ? "true" : "false");
const by = (form: Form, name: string): string | typeof nothing => (form.wrong?.field === name ? `wrong-${name}` : nothing);

function words(form: Form, name: string, label: string, value = ""): TemplateResult {
  return field(form, name, label, html`<textarea name=${name} rows="2" maxlength="2000" .value=${value} aria-invalid=${is(form, name)} aria-describedby=${by(form, name)}></textarea>`, true);
}

function frame(form: Form, title: string, lead: string, submit: string, fields: TemplateResult): TemplateResult {
  return html`<form aria-label=${title} novalidate @submit=${(event: SubmitEvent) => form.submit(event)}>
    <div><h4>${title}</h4><p class="muted">${lead}</p></div>
    <div class="fields">${fields}</div>
    <div class="actions">
      <button type="submit" class="button primary" aria-disabled=${form.isBusy ? "true" : "false"}>${submit}</button>
      <button type="button" class="button" @click=${() => form.cancel()}>${form.texts.cancel}</button>
    </div>
  </form>`;
}

function rejecting(form: Form): TemplateResult {
  const { rejecting: texts } = form.texts;
  return frame(form, texts.title, texts.hint, texts.submit, words(form, "reason", texts.reason));
}

function editing(form: Form): TemplateResult {
  const { editing: texts } = form.texts;
  const { editable } = form.shown;
  if (!editable) return html`${nothing}`;
  const isHold = form.shown.kind === "quality_hold";
  const quantity = html`<input name="quantity" inputmode="decimal" autocomplete="off" .value=${editable.quantity} aria-invalid=${is(form, "quantity")} aria-describedby=${by(form, "quantity")} />`;
  const needed = html`<input name="needed_on" type="date" .value=${editable.needed_on ?? ""} aria-invalid=${is(form, "needed_on")} aria-describedby=${by(form, "needed_on")} />`;
  return frame(
    form,
    texts.title,
    texts.lead,
    texts.submit,
    html`${field(form, "quantity", texts.quantity(plain(editable.unit)), quantity)}${editable.needed_on ? field(form, "needed_on", texts.needed, needed) : nothing}${words(form, "note", isHold ? texts.reason : texts.note, noteOf(form.shown))}`,
  );
}

function reconciling(form: Form): TemplateResult {
  const { reconciling: texts } = form.texts;
  const outcome = html`<select name="outcome"><option value="found">${texts.found}</option><option value="not_written">${texts.notWritten}</option></select>`;
  const number = html`<input name="number" autocomplete="off" maxlength="64" aria-invalid=${is(form, "number")} aria-describedby=${by(form, "number")} />`;
  const doubtful = (form.shown.parts ?? []).filter((part) => part.state === "needs_reconciliation");
  const part = html`<select name="part">${doubtful.map((each) => html`<option value=${each.name}>${plain(each.name)}</option>`)}</select>`;
  return frame(form, texts.title, texts.lead, texts.submit, html`${doubtful.length > 1 ? field(form, "part", form.texts.order, part) : nothing}${field(form, "outcome", texts.outcome, outcome)}${field(form, "number", texts.number, number)}${words(form, "reason", texts.reason)}`);
}

export function formOf(asked: Asked, form: Form): TemplateResult {
  switch (asked) {
    case "reject":
      return rejecting(form);
    case "edit":
      return editing(form);
    case "reconcile":
      return reconciling(form);
  }
}
