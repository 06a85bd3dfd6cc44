// Everything that waits for a decision or was decided: the list, many confirmed at once, and what is switched off.

import { $, h } from "./dom.js";
import { draft, moment, money, short, STATES } from "./draft.js";
import { explanationOf, waitingExplanations } from "./explanation.js";
import { call } from "./service.js";
import { plain } from "./wording.js";

const GROUPS = [
  ["waiting", "To confirm", ["awaiting_confirmation"]],
  ["moving", "On the way", ["drafted", "policy_checked", "confirmed", "dispatching", "needs_reconciliation"]],
  ["done", "In the ERP", ["executed", "partly_written"]],
  ["ended", "Not written", ["refused", "rejected", "expired", "superseded"]],
];
const OFF_ASKED_MS = 5000;

const state = { group: "waiting", open: false, say: () => {}, timer: null };

const amount = (text) => {
  const [whole, fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(6, "0"));
};

/** The sum of prices in one currency, exactly; null where a price is unknown, `false` where currencies differ. */
export function total(drafts) {
  const values = drafts.map((each) => each.value);
  if (values.some((value) => !value)) return null;
  if (new Set(values.map((value) => value.currency)).size > 1) return false;
  const digits = values.reduce((sum, value) => sum + amount(value.amount), 0n).toString().padStart(7, "0");
  const fraction = digits.slice(-6).replace(/0+$/, "").padEnd(2, "0");
  return { amount: `${digits.slice(0, -6)}.${fraction}`, currency: values[0].currency };
}

function row(each, list, picked, choose) {
  const place = h("li", { class: "draft-row", "data-id": each.id });
  const details = h("div", { class: "draft-place", hidden: true });
  const toggle = h("button", { type: "button", class: "draft-title", "aria-expanded": "false", onclick: async () => {
    const opens = details.hidden;
    details.hidden = !opens;
    toggle.setAttribute("aria-expanded", String(opens));
    if (!opens) return details.replaceChildren();
    const shown = await call(`/v1/drafts/${each.id}`).catch(() => each);
    return details.replaceChildren(draft(shown, { say: state.say, changed: () => counted() }));
  } }, h("span", {}, plain(each.summary)), h("span", { class: "muted" }, each.value ? money(each.value) : "no price"));
  const canConfirm = each.may.includes("confirm");
  place.append(
    canConfirm && list.length > 1
      ? h("input", { type: "checkbox", "aria-label": `Pick ${plain(each.summary)}`, onchange: (event) => { choose(each, event.target.checked); } })
      : h("span", { class: "no-pick" }),
    toggle,
    h("span", { class: "muted when" }, `${plain(each.requester_name || each.requester)}, ${moment(each.created_at)}`,
      each.state === "awaiting_confirmation" ? `, expires ${moment(each.expires_at)}` : `, ${STATES[each.state].toLowerCase()}${each.document_number ? ` ${plain(each.document_number)}` : ""}`),
    details);
  return place;
}

function together(picked) {
  const drafts = [...picked.values()];
  if (drafts.length < 2) return h("div", { class: "together", hidden: true });
  const sum = total(drafts);
  const label = `Confirm ${drafts.length} drafts${sum ? `, together ${money(sum)}` : ""}`;
  const place = h("div", { class: "together", role: "group", "aria-label": "Confirm together" },
    h("ol", {}, drafts.map((each) => h("li", {}, `${plain(each.summary)} `, h("span", { class: "muted" }, `${each.value ? money(each.value) : "no price"}, ${short(each.digest)}`)))),
    sum === false
      ? h("p", { class: "muted" }, "They are in several currencies: pick those of one.")
      : h("button", { type: "button", class: "primary", onclick: async (event) => {
          event.target.disabled = true;
          try {
            await call("/v1/drafts/confirm-together", { method: "POST", body: {
              drafts: drafts.map((each) => ({ proposal_id: each.id, digest: each.digest })), total: sum } });
            state.say(`${drafts.length} drafts confirmed`);
            state.group = "moving";
            await list();
          } catch (error) {
            event.target.disabled = false;
            place.querySelector(".problem")?.remove();
            place.append(h("div", { class: "problem", role: "alert" }, h("strong", {}, plain(error.title || "Failed")), h("p", {}, plain(error.message))));
            state.say(error.message);
          }
        } }, label));
  return place;
}

function tabs(counts) {
  return h("div", { class: "tabs", role: "tablist", "aria-label": "Which drafts" }, GROUPS.map(([key, label, states]) => {
    const count = states.reduce((sum, each) => sum + (counts[each] || 0), 0);
    return h("button", { type: "button", role: "tab", class: "pill", "aria-selected": String(state.group === key), "data-group": key,
      onclick: () => { state.group = key; list(key); }, onkeydown: (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const all = [...event.target.parentNode.children];
        all[(all.indexOf(event.target) + step + all.length) % all.length].focus();
      } }, `${label} `, h("b", {}, String(count)));
  }));
}

/** What waits to be published, each opened in its place. */
function explained(found) {
  if (!found.publications.length) return null;
  return h("section", { class: "explained", "aria-label": "Explanations to publish" }, h("h3", {}, "Explanations to publish"),
    h("ol", { class: "draft-rows" }, found.publications.map((each) => {
      const details = h("div", { class: "draft-place", hidden: true });
      const toggle = h("button", { type: "button", class: "draft-title", "aria-expanded": "false", onclick: () => {
        details.hidden = !details.hidden;
        toggle.setAttribute("aria-expanded", String(!details.hidden));
        details.replaceChildren(...(details.hidden ? [] : [explanationOf(each.id, { say: state.say, changed: () => counted() })]));
      } }, h("span", {}, plain(each.reading)), h("span", { class: "muted" }, `version ${each.version}`));
      return h("li", { class: "draft-row", "data-id": each.id }, h("span", { class: "no-pick" }), toggle,
        h("span", { class: "muted when" }, `${plain(each.requester)}, ${moment(each.drafted_at)}`), details);
    })));
}

async function list(focused) {
  const states = GROUPS.find(([key]) => key === state.group)[2];
  const query = states.map((each) => `state=${each}`).join("&");
  let found;
  let waits;
  try {
    [found, waits] = await Promise.all([call(`/v1/drafts?${query}`), waitingExplanations()]);
  } catch (error) {
    $("drafts-list").replaceChildren(h("div", { class: "problem", role: "alert" }, h("p", {}, plain(error.message))));
    return;
  }
  badge(found, waits);
  const picked = new Map();
  const bar = h("div", {});
  const choose = (each, isPicked) => {
    if (isPicked) picked.set(each.id, each);
    else picked.delete(each.id);
    bar.replaceChildren(together(picked));
  };
  const rows = found.drafts.map((each) => row(each, found.drafts, picked, choose));
  $("drafts-list").replaceChildren(...[explained(waits), tabs(found.counts),
    rows.length ? h("ol", { class: "draft-rows" }, rows) : h("p", { class: "muted" }, state.group === "waiting"
      ? "Nothing waits for a confirmation. Ask, for example: draft a requisition for 500 of a material by next Friday."
      : "None."),
    bar].filter(Boolean));
  if (focused) $("drafts-list").querySelector(`[data-group="${focused}"]`)?.focus();
}

function badge(found, waits) {
  const mine = found.to_confirm + waits.to_publish;
  $("drafts-count").textContent = mine ? String(mine) : "";
  $("drafts-open").setAttribute("aria-label", mine ? `Inbox, ${mine} to confirm` : "Inbox");
}

async function counted() {
  const [found, waits] = await Promise.all([call("/v1/drafts?state=awaiting_confirmation").catch(() => null), waitingExplanations()]);
  if (found) badge(found, waits);
}

async function offs() {
  const found = await call("/v1/switches").catch(() => null);
  const off = found?.off || [];
  $("off").replaceChildren(...off.map((each) => h("p", {}, h("strong", {}, `${plain(each.what)} is switched off`), ` by ${plain(each.by)} since ${moment(each.since)}: ${plain(each.reason)}`)));
  $("off").hidden = !off.length;
}

function toggled(opens) {
  state.open = opens;
  $("drafts").hidden = !opens;
  $("talk").hidden = opens;
  $("composer").hidden = opens;
  $("drafts-open").setAttribute("aria-pressed", String(opens));
  if (opens) {
    state.group = "waiting";
    list().then(() => $("drafts-title").focus());
  } else {
    $("question").focus();
  }
}

export const closeDrafts = () => { if (state.open) toggled(false); };

/** Called when another person asks, and at the start. */
export async function draftsOf() {
  await Promise.all([counted(), offs()]);
  if (state.open) await list();
}

export function begin(say) {
  state.say = say;
  $("drafts-open").addEventListener("click", () => toggled(!state.open));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) offs(); });
  clearInterval(state.timer);
  state.timer = setInterval(() => { if (!document.hidden) { offs(); if (!state.open) counted(); } }, OFF_ASKED_MS);
}
