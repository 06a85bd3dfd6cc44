// One answer: the sentence, its figures, chart and tables, how it was read, and what can be asked next.

import { chart } from "./chart.js";
import { copied, csv } from "./csv.js";
import { h } from "./dom.js";
import { draftOf } from "./draft.js";
import { openEvidence } from "./evidence.js";
import { explanationOf } from "./explanation.js";
import { cell, column, day, isDecimal, isNumeric, number, numerals, plain, speak, titled, valuesOf } from "./wording.js";

const STATUS = {
  clarify: "Which do you mean?",
  cannot_answer: "This data cannot answer that",
  refused: "Refused",
};
const ROWS = 200;

function kindOf(figure, answer) {
  if (figure.unit === "%") return "percent";
  for (const table of answer.tables) {
    const column = table.units.findIndex((unit, i) => unit === figure.unit && isNumeric(table.kinds[i] || "") && table.columns[i] === figure.label);
    if (column >= 0) return table.kinds[column];
  }
  return /^[A-Z]{3}$/.test(figure.unit) ? "money" : "quantity";
}

const byId = (answer, id) => answer.evidence.find((evidence) => evidence.id === id) || answer.evidence[0];

/** What a table rests on; one that restates the table before it rests on the same. */
function evidenceOf(answer, t) {
  const at = answer.tables.slice(0, t + 1).filter((table) => !table.restates).length - 1;
  return answer.evidence[at] || answer.evidence[0];
}

function opens(answer, evidence, figure, content, attributes = {}) {
  const button = h("button", { type: "button", class: "figure", ...attributes,
    onclick: () => openEvidence(evidence, figure, button) }, content);
  return button;
}

/** Names with digits in them: `Ball valve BV 50` holds no figure, though the table may have a 50 as well. */
function namesOf(answer) {
  const texts = answer.tables.flatMap((table) =>
    table.rows.slice(0, ROWS).flatMap((row) => row.filter((value, i) => !isNumeric(table.kinds[i]) && typeof value === "string")));
  return [...new Set(texts.map(plain))].filter((text) => /\d/.test(text) && /\p{L}/u.test(text));
}

function isNamed(line, start, end, names) {
  return names.some((name) => {
    for (let at = line.indexOf(name); at >= 0; at = line.indexOf(name, at + name.length)) {
      if (at <= start && end <= at + name.length) return true;
    }
    return false;
  });
}

/** The answer's text, where each number opens the evidence that it rests on. */
function sentence(answer) {
  const known = new Map();
  for (const figure of answer.figures) {
    const kind = kindOf(figure, answer);
    known.set(number(figure.value, kind).replace("−", "-"), { ...figure, kind });
    known.set(figure.value, { ...figure, kind });
  }
  answer.tables.forEach((table, t) => {
    const evidence = evidenceOf(answer, t)?.id;
    for (const row of table.rows.slice(0, ROWS)) {
      row.forEach((value, i) => {
        const shown = isNumeric(table.kinds[i]) && isDecimal(value) ? number(value, table.kinds[i]).replace("−", "-") : null;
        if (shown === null || known.has(shown)) return;
        known.set(shown, { label: table.columns[i], value, unit: table.units[i], kind: table.kinds[i], evidence });
      });
    }
  });
  const names = namesOf(answer);
  return answer.answer.split(/\n+/).filter(Boolean).map((line) => {
    const text = plain(line);
    let at = 0;
    return h("p", { class: "text" }, text.split(numerals()).map((part, i) => {
      at += part.length;
      if (i % 2 === 0 || isNamed(text, at - part.length, at, names)) return part;
      const [shown, exact] = valuesOf(part);
      const figure = known.get(shown) || known.get(exact);
      if (!figure) return part;
      return opens(answer, byId(answer, figure.evidence), figure, part, { title: "Open the evidence" });
    }));
  });
}

function figures(answer) {
  if (!answer.figures.length || answer.figures.length > 6) return null;
  if (answer.tables.some((table) => table.rows.length > 1)) return null;
  return h("ul", { class: "figures" }, answer.figures.map((figure) => {
    const kind = kindOf(figure, answer);
    return h("li", {}, opens(answer, byId(answer, figure.evidence), { ...figure, kind }, [
      h("span", { class: "figure-label" }, titled(figure.label)),
      h("span", { class: "figure-value" }, number(figure.value, kind), figure.unit ? h("small", {}, plain(figure.unit)) : null),
    ], { class: "figure-card", title: `exactly ${figure.value}; opens the evidence` }));
  }));
}

function sorted(body, column, kind, order) {
  const value = (tr) => tr.cells[column].dataset.value ?? "";
  const compare = isNumeric(kind)
    ? (a, b) => Number(value(a) || -Infinity) - Number(value(b) || -Infinity)
    : (a, b) => value(a).localeCompare(value(b), "en", { numeric: true });
  body.append(...[...body.rows].sort((a, b) => order * compare(a, b)));
}

function heading(table, i, at, kind, body) {
  const unit = table.units[i] ? h("span", { class: "unit" }, plain(table.units[i])) : null;
  const th = h("th", { scope: "col", class: isNumeric(kind) ? "num" : null },
    h("button", { type: "button", onclick: () => {
      const order = th.getAttribute("aria-sort") === "descending" ? 1 : -1;
      for (const other of th.parentNode.cells) other.removeAttribute("aria-sort");
      th.setAttribute("aria-sort", order === 1 ? "ascending" : "descending");
      sorted(body, at, kind, order);
    } }, titled(table.columns[i]), unit));
  return th;
}

/** For each shown column, where its code stands: `location` takes `location_id` into its cells. */
function columnsShown(table, kinds) {
  const codes = new Map();
  table.names.forEach((name, i) => {
    const named = name.endsWith("_id") && kinds[i] === "id" ? table.names.indexOf(name.slice(0, -3)) : -1;
    if (named >= 0) codes.set(named, i);
  });
  const taken = new Set(codes.values());
  return table.columns.map((_, i) => i).filter((i) => !taken.has(i)).map((i) => [i, codes.get(i)]);
}

function grid(answer, table, evidence) {
  const kinds = table.kinds.length ? table.kinds : table.columns.map(() => "text");
  const columns = columnsShown(table, kinds);
  const shown = table.rows.slice(0, ROWS);
  const texts = kinds.map((kind, i) => column(shown.map((row) => row[i]), kind));
  const rows = shown.map((row, r) =>
    h("tr", {}, columns.map(([i, code]) => {
      const numeric = isNumeric(kinds[i]);
      return h("td", {
        class: numeric ? "num" : kinds[i] === "id" || kinds[i] === "date" ? "code" : null,
        "data-value": row[i] ?? "",
        "data-column": i,
        title: numeric && isDecimal(row[i]) ? row[i] : null,
      }, texts[i][r], code === undefined ? null : h("span", { class: "key" }, cell(row[code], "id")));
    })));
  const body = h("tbody", {}, rows);
  if (evidence) {
    body.addEventListener("click", (event) => {
      const td = event.target.closest("td.num");
      if (!td || !td.dataset.value || String(getSelection())) return;
      const i = Number(td.dataset.column);
      openEvidence(evidence, { label: table.columns[i], value: td.dataset.value, unit: table.units[i], kind: kinds[i] }, td);
    });
  }
  return h("div", { class: "grid", tabindex: rows.length > 12 ? "0" : null, role: "region", "aria-label": table.title || "Result" },
    h("table", {}, h("thead", {}, h("tr", {}, columns.map(([i], at) => heading(table, i, at, kinds[i], body)))), body));
}

const LABELLED = new Set(["page", "revision", "valid_to"]);

/** Each quote as one, over a line that says where it stands; text from outside is never markup. */
function quotes(table) {
  const at = table.kinds.indexOf("quote");
  return h("div", { class: "quotes" }, table.rows.slice(0, ROWS).map((row) => {
    const where = row.map((value, i) => {
      if (i === at || value === null) return null;
      return LABELLED.has(table.names[i]) ? `${titled(table.columns[i])} ${cell(value, table.kinds[i])}` : cell(value, table.kinds[i]);
    }).filter(Boolean);
    return h("figure", { class: "quote" }, h("blockquote", {}, plain(row[at])), h("figcaption", {}, where.join(" · ")));
  }));
}

function tableFoot(answer, table, evidence) {
  const total = table.total_rows ?? table.rows.length;
  const shown = Math.min(table.rows.length, ROWS);
  const count = !table.rows.length ? "No rows" : shown < total || table.truncated ? `First ${shown} of ${total.toLocaleString("en")} rows` : `${shown} ${shown === 1 ? "row" : "rows"}`;
  const copy = h("button", { type: "button", class: "link", onclick: async () => {
    copy.textContent = (await copied(csv(table))) ? "Copied" : "Copying is not allowed here";
    setTimeout(() => { copy.textContent = "Copy as CSV"; }, 2000);
  } }, "Copy as CSV");
  return h("p", { class: "foot" }, h("span", {}, count), copy,
    evidence ? opens(answer, evidence, null, "Evidence", { class: "link" }) : null);
}

function tables(answer) {
  const cards = figures(answer) !== null;
  return answer.tables.map((table, t) => {
    if (answer.tables[t + 1]?.restates) return null;
    const evidence = evidenceOf(answer, t);
    const first = table.restates ? t - 1 : t;
    // One row that the figures above already show in full needs no table of its own.
    const numbers = table.kinds.filter(isNumeric).length;
    if (cards && table.rows.length === 1 && numbers === table.columns.length && numbers <= answer.figures.length) return null;
    const place = document.querySelector("main").clientWidth - 78;
    const drawn = answer.charts.filter((spec) => spec.table === t || spec.table === first).map((spec) => chart(spec, answer, place));
    return h("section", { class: "result" },
      table.title && answer.tables.length > 1 ? h("h3", {}, plain(table.title)) : null,
      drawn,
      !table.rows.length ? null : table.kinds.includes("quote") ? quotes(table) : grid(answer, table, evidence),
      tableFoot(answer, table, evidence));
  });
}

function notes(answer) {
  const ages = answer.evidence.map((e) => e.data_as_of).filter(Boolean).sort();
  return [
    answer.reading ? h("p", { class: "line" }, h("span", { class: "tag" }, "Read as"), h("span", {}, plain(answer.reading))) : null,
    answer.caveats.length ? h("ul", { class: "caveats" }, answer.caveats.map((caveat) => h("li", {}, plain(caveat)))) : null,
    answer.evidence.length
      ? h("p", { class: "line" }, h("span", { class: "tag" }, "Rests on"),
          h("span", { class: "basis" },
            answer.evidence.map((evidence) => opens(answer, evidence, null, basis(evidence), { class: "link" })),
            ages.length ? h("span", { class: "muted" }, `data as of ${day(ages[0])}`) : null))
      : null,
  ];
}

function basis(evidence) {
  const records = evidence.sources.map((s) => `${plain(s.record)}${s.rows === null ? "" : ` (${s.rows.toLocaleString("en")})`}`);
  const systems = [...new Set(evidence.sources.map((s) => plain(s.system)))].join(", ");
  const shown = records.slice(0, 3).join(", ") + (records.length > 3 ? `, ${records.length - 3} more` : "");
  return systems ? `${systems}: ${shown}` : plain(evidence.tool);
}

function readings(answer, on) {
  if (!answer.alternatives.length) return null;
  const label = answer.status === "answered" ? "Other readings" : "Readings";
  return h("div", { class: "choices", role: "group", "aria-label": label },
    h("p", { class: "tag" }, label),
    answer.alternatives.map((alternative) =>
      h("button", { type: "button", class: "choice", "data-key": alternative.key, onclick: () => on.choose(answer, alternative) },
        h("kbd", {}, alternative.key), h("span", {}, plain(alternative.reading)))));
}

function suggestions(answer, on) {
  if (!answer.suggestions.length) return null;
  return h("div", { class: "next", role: "group", "aria-label": "Ask next" }, h("span", { class: "tag" }, "Ask next"),
    answer.suggestions.map((text) => h("button", { type: "button", class: "pill", onclick: () => on.ask(text) }, plain(text))));
}

/** That the figures are of a world that is not, and of which. */
function supposed(answer) {
  if (!answer.hypothetical?.length) return null;
  return h("p", { class: "supposed" }, h("strong", {}, "Hypothetical"), ` Nothing is changed by it: ${answer.hypothetical.map(plain).join("; ")}`);
}

/** The elements of an answer; `on` has `ask(question)`, `choose(answer, alternative)`, `replay(answer)`, `say(text)` and `changed(draft)`. */
export function answerParts(answer, on) {
  speak(answer.language);
  const last = h("p", { class: "by" },
    h("span", {}, plain(answer.model)), h("span", {}, `${Math.round(answer.timings.total_ms).toLocaleString("en")} ms`),
    answer.tool_calls.length ? h("button", { type: "button", class: "link", onclick: () => on.replay(answer) }, "Compute again") : null);
  return [
    STATUS[answer.status] && (answer.status !== "clarify" || (answer.alternatives || []).length) ? h("p", { class: `verdict ${answer.status}` }, STATUS[answer.status]) : null,
    supposed(answer), ...sentence(answer), answer.draft ? (answer.draft.kind === "variance_explanation" ? explanationOf : draftOf)(answer.draft.id, on) : null, figures(answer), ...tables(answer), ...notes(answer),
    readings(answer, on), suggestions(answer, on), last,
  ].filter(Boolean);
}
