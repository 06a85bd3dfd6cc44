// One draft: its card as the server made it from the hashed bytes, and what this person may do with it.

import { h } from "./dom.js";
import { call } from "./service.js";
import { plain } from "./wording.js";

export const STATES = {
  drafted: "Being made", policy_checked: "Being made", awaiting_confirmation: "Waiting for confirmation",
  confirmed: "Confirmed, about to be written", dispatching: "Being written to the ERP", executed: "In the ERP",
  partly_written: "In the ERP in part",
  refused: "Refused", rejected: "Rejected", expired: "Expired", superseded: "Replaced by a newer version",
  needs_reconciliation: "A person has to look in the ERP",
};
const MOVING = new Set(["drafted", "policy_checked", "confirmed", "dispatching"]);
const GOOD = new Set(["executed"]);
const BAD = new Set(["partly_written", "refused", "rejected", "expired", "superseded", "needs_reconciliation"]);
// What is hashed and nobody reads every day: folded, and counted where it is folded.
const APART = new Set(["Rests on", "Evidence", "Data"]);
const ASKED_MS = 700;
const PATIENT = 90;

const told = (each) => `${STATES[each.state]}${each.document_number ? `, document ${each.document_number}` : ""}`;

export const short = (digest) => digest.replace("sha256:", "").slice(0, 8);
export const money = (price) => `${price.amount} ${price.currency}`;

/** Moment as people of this browser's zone read it, to the minute. */
export function moment(stamp) {
  const at = new Date(stamp);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")} ${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
}

/** Text of several lines, each as a line. */
const lined = (text) => text.split("\n").flatMap((line, i) => (i ? [h("br", {}), plain(line)] : [plain(line)]));

function table(part) {
  return h("section", { class: "result" },
    h("h4", {}, plain(part.title)),
    h("div", { class: "grid", role: "region", "aria-label": plain(part.title), tabindex: part.rows.length > 8 ? "0" : null },
      h("table", {},
        h("thead", {}, h("tr", {}, part.columns.map((name) => h("th", { scope: "col" }, plain(name))))),
        h("tbody", {}, part.rows.map((row) => h("tr", {}, row.map((value) => h("td", {}, plain(value ?? "–")))))))));
}

/** The card: rows, tables and warnings, as text. */
export function card(shown) {
  const { title, rows, tables, warnings } = shown.card;
  return h("div", { class: "card" },
    h("h3", {}, plain(title)),
    warnings.length ? h("ul", { class: "caveats", role: "note", "aria-label": "Warnings" }, warnings.map((text) => h("li", {}, plain(text)))) : null,
    h("dl", { class: "facts" }, rows.flatMap((row) => [
      h("dt", {}, plain(row.label)),
      h("dd", { class: row.mark ? "odd" : null }, lined(row.value), row.mark ? h("span", { class: "mark" }, ` ! ${plain(row.mark)}`) : null),
    ])),
    tables.map((part) => (APART.has(part.title)
      ? h("details", { class: "block" }, h("summary", {}, `${plain(part.title)} (${part.rows.length})`), table(part))
      : table(part))));
}

function standing(shown) {
  const { state } = shown;
  const kind = GOOD.has(state) ? "good" : BAD.has(state) ? "bad" : "open";
  const number = shown.document_number ? `, document ${plain(shown.document_number)}` : "";
  return h("p", { class: `standing ${kind}` },
    h("strong", {}, `${STATES[state] || plain(state)}${number}`),
    shown.reason ? h("span", {}, ` ${plain(shown.reason)}`) : null);
}

/** Where each document stands of a draft that has several. */
function parts(shown) {
  if (!shown.parts?.length) return null;
  return h("ul", { class: "parts", "aria-label": "Orders" }, shown.parts.map((part) => h("li", {},
    h("strong", {}, plain(part.name)),
    ` ${STATES[part.state] || plain(part.state)}${part.document_number ? `, document ${plain(part.document_number)}` : ""}`,
    part.waits_for ? h("span", { class: "muted" }, ` ${plain(part.waits_for)}`) : null)));
}

const doubtful = (shown) => (shown.parts || []).filter((part) => part.state === "needs_reconciliation");

function who(shown) {
  const { count, roles } = shown.signatures;
  const needed = count > 1 ? `${count} people` : "one person";
  const signed = shown.signed.map((each) => `${plain(each.name || each.by)} on ${moment(each.at)}`).join(", ");
  return h("p", { class: "line" }, h("span", { class: "tag" }, "Confirm"),
    h("span", {}, `${needed}, ${roles.map(plain).join(" or ") || "nobody at this site"}. ${plain(shown.signatures.reason)}`,
      signed ? ` Signed: ${signed}.` : "",
      shown.state === "awaiting_confirmation" ? ` Expires ${moment(shown.expires_at)}.` : ""));
}

function history(steps) {
  if (!steps?.length) return null;
  return h("details", { class: "block" }, h("summary", {}, `What happened (${steps.length})`),
    h("ol", { class: "steps" }, steps.map((step) => h("li", {},
      h("time", { datetime: step.at }, moment(step.at)), ` ${STATES[step.state] || plain(step.state)}, by ${plain(step.by)}`,
      step.what ? h("span", { class: "muted" }, ` ${plain(step.what)}`) : null))));
}

/** A draft that keeps itself current; `on.changed(shown)` hears of every change, `on.say(text)` speaks it. */
export function draft(given, on) {
  const place = h("article", { class: "draft", "aria-label": plain(given.summary), "data-id": given.id });
  let shown = given;
  let busy = false;

  function failed(error) {
    place.querySelector(".trouble")?.remove();
    place.append(h("div", { class: "problem trouble", role: "alert" }, h("strong", {}, plain(error.title || "Fault of the page")), h("p", {}, plain(error.message))));
  }

  async function act(verb, body) {
    if (busy) return null;
    busy = true;
    for (const button of place.querySelectorAll("button")) button.disabled = true;
    try {
      const done = await call(`/v1/drafts/${shown.id}/${verb}`, { method: "POST", body: { digest: shown.digest, ...body } });
      await taken(done);
      return done;
    } catch (error) {
      // Somebody else may have decided meanwhile: what is shown next to the reason is how it stands now.
      const now = await call(`/v1/drafts/${shown.id}`).catch(() => null);
      if (now) show(now);
      failed(error);
      on.say(error.message);
      return null;
    } finally {
      busy = false;
      for (const button of place.querySelectorAll("button")) button.disabled = false;
    }
  }

  async function taken(done) {
    show(await call(`/v1/drafts/${done.id}`).catch(() => done));
    on.changed(shown);
    on.say(`${shown.summary}: ${told(shown)}`);
    watch();
    place.focus();
  }

  /** Asks how it stands until nothing moves any more. */
  async function watch(left = PATIENT) {
    if (!MOVING.has(shown.state) || !left || !place.isConnected) return;
    await new Promise((resolve) => setTimeout(resolve, ASKED_MS));
    const now = await call(`/v1/drafts/${shown.id}`).catch(() => null);
    if (now && now.state !== shown.state) {
      show(now);
      on.changed(shown);
      on.say(told(now));
    }
    await watch(left - 1);
  }

  function asked(heading, fields, verb, submit) {
    const form = h("form", { class: "asked-for", "aria-label": heading, onsubmit: (event) => { event.preventDefault(); submit(new FormData(form)); } },
      fields,
      h("div", { class: "actions" },
        h("button", { type: "submit", class: "primary" }, verb),
        h("button", { type: "button", class: "quiet", onclick: () => { form.remove(); place.querySelector(".actions button")?.focus(); } }, "Cancel")));
    place.querySelector(".asked-for")?.remove();
    place.append(form);
    form.querySelector("input, textarea, select")?.focus();
  }

  const field = (label, control) => h("label", { class: "field" }, h("span", {}, label), control);

  function rejecting() {
    asked("Reject", field("Why is it rejected?", h("textarea", { name: "reason", rows: "2", maxlength: "2000", required: true })),
      "Reject the draft", (given) => act("reject", { reason: given.get("reason").trim() }));
  }

  function editing() {
    const { unit, quantity, needed_on: needed } = shown.editable;
    asked("Change", [
      field(`Quantity in ${plain(unit)}`, h("input", { name: "quantity", inputmode: "decimal", value: quantity, required: true, autocomplete: "off" })),
      needed ? field("Needed on", h("input", { name: "needed_on", type: "date", value: needed, required: true })) : null,
    ], "Make a new version", (given) => act("edit", { quantity: given.get("quantity").trim(), needed_on: given.get("needed_on") || null }));
  }

  function reconciling() {
    const several = doubtful(shown);
    asked("What did you find in the ERP?", [
      several.length > 1 ? field("Order", h("select", { name: "part" }, several.map((part) => h("option", { value: part.name }, plain(part.name))))) : null,
      field("Found in the ERP", h("select", { name: "outcome" }, h("option", { value: "found" }, "The document is there"), h("option", { value: "not_written" }, "It is not there"))),
      field("Document number", h("input", { name: "number", autocomplete: "off", maxlength: "64" })),
      field("Reason", h("textarea", { name: "reason", rows: "2", maxlength: "2000", required: true })),
    ], "Put on record", (given) => act("reconcile", { outcome: given.get("outcome"), number: given.get("number").trim(), reason: given.get("reason").trim(), part: given.get("part") || "" }));
  }

  function actions() {
    const may = new Set(shown.may);
    const buttons = [
      may.has("confirm") ? h("button", { type: "button", class: "primary confirm", onclick: () => act("confirm") }, `Confirm ${short(shown.digest)}`) : null,
      may.has("reject") ? h("button", { type: "button", class: "quiet", onclick: rejecting }, "Reject") : null,
      may.has("edit") && shown.editable ? h("button", { type: "button", class: "quiet", onclick: editing }, "Change") : null,
      may.has("reconcile") ? h("button", { type: "button", class: "quiet", onclick: reconciling }, "Say what the ERP has") : null,
    ].filter(Boolean);
    return buttons.length ? h("div", { class: "actions", role: "group", "aria-label": "Decide" }, buttons) : null;
  }

  function show(now) {
    shown = now;
    place.setAttribute("tabindex", "-1");
    place.dataset.state = shown.state;
    place.dataset.id = shown.id;
    place.replaceChildren(...[
      standing(shown), parts(shown), card(shown), who(shown),
      h("p", { class: "foot" },
        h("span", {}, `Asked for by ${plain(shown.requester_name || shown.requester)} on ${moment(shown.created_at)}`),
        h("span", {}, `version ${shown.version}`), h("span", { title: shown.digest }, `digest ${short(shown.digest)}`)),
      history(shown.history), actions(),
    ].filter(Boolean));
  }

  show(given);
  watch();
  return place;
}

/** The draft of an answer, fetched as it stands now. */
export function draftOf(id, on) {
  const place = h("div", { class: "inline-draft" }, h("p", { class: "progress" }, "Fetching the draft"));
  call(`/v1/drafts/${id}`).then(
    (shown) => place.replaceChildren(draft(shown, on)),
    (error) => place.replaceChildren(h("div", { class: "problem", role: "alert" }, h("p", {}, plain(error.message)))));
  return place;
}

