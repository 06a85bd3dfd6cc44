// The page at /panel/: the element fills it, what the address names goes to the element, and which draft is open
// stands in the address, so that it can be sent to somebody and survives a reload.

import "./embed";

const NAMED = ["plant", "material", "order", "supplier", "lang", "theme", "view"];
const TALK = /^#\/conversations\/([0-9a-fA-F-]{1,64})$/;
const PLACE = /^#\/drafts(?:\/([0-9a-fA-F-]{1,64}))?$/;

interface Shown {
  view: string;
  draft: string;
}

const placeOf = ({ view, draft }: Shown): string => (view !== "inbox" ? "" : draft ? `#/drafts/${draft}` : "#/drafts");

const panel = document.querySelector("plantwright-panel");
const asked = new URLSearchParams(location.search);
for (const name of NAMED) {
  const value = asked.get(name);
  if (panel && value) panel.setAttribute(name, value);
}

function go(): void {
  const found = PLACE.exec(location.hash);
  const talk = TALK.exec(location.hash);
  if (talk?.[1]) panel?.setAttribute("conversation", talk[1]);
  panel?.setAttribute("draft", found?.[1] ?? "");
  panel?.setAttribute("view", found ? "inbox" : "ask");
}

if (location.hash) go();
window.addEventListener("hashchange", go);
panel?.addEventListener("plantwright-view", (event) => {
  const place = placeOf((event as CustomEvent<Shown>).detail);
  if (place === location.hash) return;
  history.pushState(null, "", place || location.pathname + location.search);
});
window.addEventListener("popstate", go);
