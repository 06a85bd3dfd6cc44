// The page at /panel/: the element fills it, and what the address names goes to the element.

import "./embed";

const panel = document.querySelector("plantwright-panel");
const asked = new URLSearchParams(location.search);
for (const name of ["plant", "material", "order", "supplier", "lang", "theme", "view"]) {
  const value = asked.get(name);
  if (panel && value) panel.setAttribute(name, value);
}
