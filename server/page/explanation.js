// One explanation of a variance that waits for another person to publish it, or was published.

import { h } from "./dom.js";
import { moment, short } from "./draft.js";
import { call } from "./service.js";
import { number, plain } from "./wording.js";

const STATES = { drafted: "Waits to be published", published: "Published", rejected: "Turned down", superseded: "Replaced by a newer version", expired: "Expired" };
const AT = "/v1/finance/publications";

/** Those that wait, newest first; none where the service keeps none. */
export async function waitingExplanations() {
  return call(`${AT}?state=drafted&limit=20`).catch(() => ({ publications: [], to_publish: 0 }));
}

function standing(shown) {
  const kind = shown.state === "published" ? "good" : shown.state === "drafted" ? "open" : "bad";
  const by = shown.decided_by ? ` by ${plain(shown.decided_by)} on ${moment(shown.decided_at)}` : "";
  return h("p", { class: `standing ${kind}` }, h("strong", {}, `${STATES[shown.state]}${by}`), shown.reason ? h("span", {}, ` ${plain(shown.reason)}`) : null);
}

function stale(shown) {
  if (shown.data !== "stale") return null;
  return h("p", { class: "standing bad", "data-stale": "" }, h("strong", {}, "Stale."),
    ` The data tells it otherwise by now: the total differs by ${number(shown.delta, "money")} ${plain(shown.currency)}.`);
}

function bridge(shown) {
  return h("div", { class: "grid", role: "region", "aria-label": "What makes the difference" },
    h("table", {},
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Step"), h("th", { scope: "col", class: "num" }, `Amount (${plain(shown.currency)})`), h("th", { scope: "col" }, "Cause"))),
      h("tbody", {}, shown.bridge.map((each) => h("tr", {},
        h("td", {}, plain(each.step)), h("td", { class: "num" }, number(each.amount, "money")), h("td", {}, plain(each.cause ?? "–")))))));
}

function who(shown) {
  if (shown.state !== "drafted") return null;
  const why = shown.why_not.publish;
  return h("p", { class: "line" }, h("span", { class: "tag" }, "Publish"),
    h("span", {}, `another person than drafted it, of ${shown.may_publish.map(plain).join(" or ") || "nobody at this site"}, by ${moment(shown.expires_at)}.`,
      why ? ` ${plain(why)}` : ""));
}

/** A card that shows how it stands, and what this person may do with it; `on.say` and `on.changed` as of drafts. */
export function explanation(given, on) {
  const place = h("article", { class: "draft", tabindex: "-1", "aria-label": plain(given.reading) });
  let shown = given;
  let busy = false;

  async function act(verb, body = {}) {
    if (busy) return;
    busy = true;
    let trouble = null;
    try {
      await call(`${AT}/${shown.id}/${verb}`, { method: "POST", body: { digest: shown.digest, ...body } });
      on.say(verb === "publish" ? "Published" : "Turned down");
    } catch (error) {
      trouble = error;
      on.say(error.message);
    } finally {
      busy = false;
    }
    show(await call(`${AT}/${shown.id}`).catch(() => shown));
    if (trouble) place.append(h("div", { class: "problem trouble", role: "alert" }, h("strong", {}, plain(trouble.title || "Fault of the page")), h("p", {}, plain(trouble.message))));
    on.changed(shown);
    place.focus();
  }

  function rejecting() {
    const form = h("form", { class: "asked-for", "aria-label": "Reject", onsubmit: (event) => { event.preventDefault(); act("reject", { reason: new FormData(form).get("reason").trim() }); } },
      h("label", { class: "field" }, h("span", {}, "Why is it turned down?"), h("textarea", { name: "reason", rows: "2", maxlength: "2000", required: true })),
      h("div", { class: "actions" }, h("button", { type: "submit", class: "primary" }, "Turn it down"),
        h("button", { type: "button", class: "quiet", onclick: () => { form.remove(); place.querySelector(".actions button")?.focus(); } }, "Cancel")));
    place.querySelector(".asked-for")?.remove();
    place.append(form);
    form.querySelector("textarea").focus();
  }

  function actions() {
    const may = new Set(shown.may);
    const buttons = [
      may.has("publish") ? h("button", { type: "button", class: "primary confirm", onclick: () => act("publish") }, `Publish version ${shown.version}`) : null,
      may.has("reject") ? h("button", { type: "button", class: "quiet", onclick: rejecting }, "Reject") : null,
    ].filter(Boolean);
    return buttons.length ? h("div", { class: "actions", role: "group", "aria-label": "Decide" }, buttons) : null;
  }

  function others() {
    const list = shown.versions.filter((each) => each.id !== shown.id);
    if (!list.length) return null;
    return h("p", { class: "line" }, h("span", { class: "tag" }, "Versions"), h("span", {}, list.map((each) =>
      h("button", { type: "button", class: "link", onclick: async () => show(await call(`${AT}/${each.id}`)) }, `${each.version} (${STATES[each.state].toLowerCase()})`))));
  }

  function show(now) {
    shown = now;
    place.dataset.state = shown.state;
    place.dataset.id = shown.id;
    place.replaceChildren(...[
      standing(shown), stale(shown),
      h("div", { class: "card" }, h("h3", {}, plain(shown.reading)),
        shown.caveats.length ? h("ul", { class: "caveats", role: "note", "aria-label": "Warnings" }, shown.caveats.map((text) => h("li", {}, plain(text)))) : null,
        h("p", { class: "text" }, plain(shown.narrative)), bridge(shown)),
      who(shown), others(),
      h("p", { class: "foot" }, h("span", {}, `Drafted by ${plain(shown.requester)} on ${moment(shown.drafted_at)}`),
        h("span", {}, `version ${shown.version}`), h("span", { title: shown.digest }, `digest ${short(shown.digest)}`)),
      actions(),
    ].filter(Boolean));
  }

  show(given);
  return place;
}

/** The explanation of an answer or of a list, fetched as it stands now. */
export function explanationOf(id, on) {
  const place = h("div", { class: "inline-draft" }, h("p", { class: "progress" }, "Fetching the explanation"));
  call(`${AT}/${id}`).then(
    (shown) => place.replaceChildren(explanation(shown, on)),
    (error) => place.replaceChildren(h("div", { class: "problem", role: "alert" }, h("p", {}, plain(error.message)))));
  return place;
}
