// plantwright inside Tryton's web client (sao 8.0): a button in the bar opens the panel beside the record that is
// open, and the panel knows which record that is. Copy this file into the folder that `[web] root` names; sao
// loads it by itself. Set the address, and allow this client's origin there: PLANTWRIGHT_EMBED_ORIGINS.
(function () {
  "use strict";

  const SERVICE = "https://copilot.example";

  // What of a record the panel is told, by model: `attribute: field`. A field of another record is `field.field`.
  const RECORDS = {
    "product.product": { material: "code" },
    "product.template": { material: "products.code" },
    "stock.location": { plant: "code" },
    "purchase.purchase": { order: "number", supplier: "party.code" },
    "purchase.line": { order: "purchase.number", material: "product.code" },
    "purchase.request": { material: "product.code", plant: "warehouse.code" },
    "stock.move": { material: "product.code" },
    "production": { order: "number", material: "product.code", plant: "warehouse.code" },
    "party.party": { supplier: "code" },
  };
  const ATTRIBUTES = ["plant", "material", "order", "supplier"];
  const LOOKED_MS = 700;
  const OPEN = "plantwright.open";

  let aside = null;
  let panel = null;
  let shown = "";

  function told() {
    // A client whose storage is switched off still has the panel, closed at the start.
    try { return sessionStorage.getItem(OPEN) === "yes"; } catch { return false; }
  }

  function tell(isOpen) {
    try { sessionStorage.setItem(OPEN, isOpen ? "yes" : "no"); } catch { /* as above */ }
  }

  async function read(model, ids, field) {
    const [first, ...rest] = field.split(".");
    const rows = await Sao.rpc({ method: `model.${model}.read`, params: [ids, rest.length ? [first] : [field], {}] },
      Sao.Session.current_session);
    const value = rows.length === 1 ? rows[0][first] : null;
    if (value === null || value === undefined) return "";
    if (!rest.length) return String(value);
    const definition = await Sao.rpc({ method: `model.${model}.fields_get`, params: [[first], {}] },
      Sao.Session.current_session);
    const inner = Array.isArray(value) ? value : [value];
    // Several records name no one thing.
    return inner.length === 1 ? read(definition[first].relation, inner, rest.join(".")) : "";
  }

  async function context(record, model) {
    const found = {};
    for (const [attribute, field] of Object.entries(RECORDS[model] || {})) {
      try {
        found[attribute] = await read(model, [record.id], field);
      } catch {
        // A module that is not installed, or a record this person may not read: the panel is told nothing of it.
        found[attribute] = "";
      }
    }
    return found;
  }

  function current() {
    const tab = Sao.Tab.tabs.get_current();
    const record = tab && tab.screen && tab.screen.current_record;
    // A record that was never saved has a negative id.
    return record && record.id > 0 ? { record, model: tab.screen.model_name } : null;
  }

  async function follow() {
    if (!panel || aside.hidden || !Sao.Session.current_session) return;
    const now = current();
    const key = now ? `${now.model},${now.record.id}` : "";
    if (key === shown) return;
    shown = key;
    const found = now ? await context(now.record, now.model) : {};
    if (key !== shown) return;
    for (const attribute of ATTRIBUTES) {
      if (found[attribute]) panel.setAttribute(attribute, found[attribute]);
      else panel.removeAttribute(attribute);
    }
  }

  function load() {
    const script = document.createElement("script");
    script.type = "module";
    script.src = `${SERVICE}/panel/embed.js`;
    script.addEventListener("error", () => {
      aside.textContent = `plantwright cannot be reached at ${SERVICE}. Ask whoever runs it, or try again later.`;
    });
    document.head.append(script);
  }

  function open() {
    if (!aside) {
      aside = document.createElement("aside");
      aside.id = "plantwright";
      aside.setAttribute("aria-label", "plantwright");
      panel = document.createElement("plantwright-panel");
      panel.setAttribute("service", SERVICE);
      panel.setAttribute("lang", Sao.i18n.getlang().slice(0, 2) === "de" ? "de" : "en");
      aside.append(panel);
      document.body.append(aside);
      load();
    }
    aside.hidden = false;
    document.body.classList.add("with-plantwright");
    tell(true);
    follow();
  }

  function close() {
    aside.hidden = true;
    document.body.classList.remove("with-plantwright");
    tell(false);
  }

  function button() {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = "#";
    link.id = "plantwright-toggle";
    link.textContent = "plantwright";
    link.setAttribute("role", "button");
    link.setAttribute("aria-pressed", "false");
    link.addEventListener("click", (event) => {
      event.preventDefault();
      if (aside && !aside.hidden) close(); else open();
      link.setAttribute("aria-pressed", String(!aside.hidden));
    });
    item.append(link);
    return item;
  }

  // sao stays one page over sign-ins and sign-outs: the button goes with the session.
  function keepButton() {
    const isIn = Boolean(Sao.Session.current_session && Sao.Session.current_session.user_id);
    const there = document.getElementById("plantwright-toggle");
    if (isIn && !there) {
      document.querySelector("#user-preferences").before(button());
      if (told()) document.getElementById("plantwright-toggle").click();
    } else if (!isIn && there) {
      there.parentNode.remove();
      // What the person before asked is not for the one after.
      if (aside) aside.remove();
      document.body.classList.remove("with-plantwright");
      aside = panel = null;
      shown = "";
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    setInterval(() => { keepButton(); follow(); }, LOOKED_MS);
  });
})();
