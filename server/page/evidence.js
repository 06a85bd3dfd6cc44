// The panel that says where a figure comes from.

import { $, h } from "./dom.js";
import { copied } from "./csv.js";
import { age, day, number, plain, titled } from "./wording.js";

let opener = null;

function row(term, ...details) {
  return [h("dt", {}, term), h("dd", {}, ...details)];
}

function pretty(json) {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

function sources(evidence) {
  return evidence.sources.map((source) =>
    h("div", { class: "source" },
      h("div", {}, h("strong", {}, plain(source.system)), " ", plain(source.record),
        source.rows === null ? "" : h("span", { class: "muted" }, ` ${source.rows.toLocaleString("en")} ${source.rows === 1 ? "row" : "rows"}`)),
      source.sample_keys.length
        ? h("div", { class: "keys" }, h("span", { class: "muted" }, "keys such as "), source.sample_keys.map(plain).join(", "))
        : null));
}

function block(title, text) {
  const button = h("button", { type: "button", class: "link", onclick: async () => {
    button.textContent = (await copied(text)) ? "Copied" : "Copying is not allowed here";
  } }, "Copy");
  return h("details", { class: "block", open: title === "Query" },
    h("summary", {}, title), h("pre", { tabindex: "0" }, h("code", {}, text)), button);
}

/** Opens the panel for a piece of evidence, with the figure that was clicked where there is one. */
export function openEvidence(evidence, figure, from) {
  const panel = $("evidence");
  opener = from || document.activeElement;
  const parts = [
    h("div", { class: "panel-head" },
      h("h2", { id: "evidence-title" }, "Evidence"),
      h("button", { type: "button", class: "quiet", "aria-label": "Close evidence", onclick: closeEvidence }, "Close")),
    figure
      ? h("p", { class: "picked" }, h("span", { class: "muted" }, titled(figure.label)),
          h("b", {}, number(figure.value, figure.kind), " ", h("small", {}, plain(figure.unit))),
          h("span", { class: "muted" }, `exactly ${figure.value}`))
      : null,
    h("dl", {},
      row("Source", evidence.sources.length ? sources(evidence) : "no source rows"),
      row("Data as of", evidence.data_as_of ? day(evidence.data_as_of) : "not stated by the source"),
      row("Loaded", evidence.loaded_at ? `${age(evidence.loaded_at)} (${day(evidence.loaded_at)})` : "not known"),
      row("Computed by", `${plain(evidence.tool)}, version ${plain(evidence.version)}`),
      evidence.flags.length
        ? row("Data quality", h("ul", {}, evidence.flags.map((flag) => h("li", {}, plain(flag)))))
        : row("Data quality", "no remarks")),
    evidence.query ? block("Query", evidence.query) : null,
    block("Arguments", pretty(evidence.arguments)),
  ];
  panel.replaceChildren(...parts.filter(Boolean));
  panel.hidden = false;
  $("room").classList.add("split");
  panel.scrollTop = 0;
  panel.focus({ preventScroll: true });
}

export function closeEvidence() {
  const panel = $("evidence");
  if (panel.hidden) return;
  panel.hidden = true;
  $("room").classList.remove("split");
  opener?.focus?.({ preventScroll: true });
}
