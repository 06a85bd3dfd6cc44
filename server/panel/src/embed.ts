// The one script for other pages: defines `<plantwright-panel>` and loads the rest when one is on the page.
//
//     <script type="module" src="https://copilot.example/panel/embed.js"></script>
//     <plantwright-panel plant="KAS" lang="de"></plantwright-panel>

const OBSERVED = ["service", "plant", "material", "order", "supplier", "lang", "theme", "view", "draft", "conversation"] as const;

// Where this script came from is the service, unless the page names another.
const SERVED_FROM = new URL(import.meta.url).origin;

export class PlantwrightPanel extends HTMLElement {
  static readonly observedAttributes: readonly string[] = OBSERVED;
  private inner: HTMLElement | null = null;

  connectedCallback(): void {
    if (this.inner || this.shadowRoot) return;
    this.attachShadow({ mode: "open" });
    void this.load();
  }

  attributeChangedCallback(name: string): void {
    if (this.inner) this.hand(this.inner, name);
  }

  private async load(): Promise<void> {
    const root = this.shadowRoot!;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(":host{display:block;min-height:320px}pw-panel{display:block;height:100%}p{font:14px system-ui,sans-serif;padding:16px}");
    root.adoptedStyleSheets = [sheet];
    makeRoomToSpeak();
    try {
      await import("./panel");
    } catch {
      const german = (this.getAttribute("lang") ?? document.documentElement.lang).toLowerCase().startsWith("de");
      const said = document.createElement("p");
      said.setAttribute("role", "alert");
      said.textContent = german ? "Das Panel ließ sich nicht laden: Der Dienst antwortet nicht. Laden Sie die Seite neu." : "The panel could not be loaded: the service does not answer. Reload the page.";
      root.replaceChildren(said);
      return;
    }
    const inner = document.createElement("pw-panel");
    for (const name of OBSERVED) this.hand(inner, name);
    // `view` and the like come back from within, for a page that keeps them in its address.
    inner.addEventListener("plantwright-view", (event) => {
      this.dispatchEvent(new CustomEvent("plantwright-view", { detail: (event as CustomEvent<unknown>).detail }));
    });
    this.inner = inner;
    root.replaceChildren(inner);
  }

  private hand(inner: HTMLElement, name: string): void {
    const value = this.getAttribute(name);
    if (name === "service") inner.setAttribute("service", value || SERVED_FROM);
    else if (value === null) inner.removeAttribute(name);
    else inner.setAttribute(name, value);
  }
}

// UI5 puts the place where it speaks to screen readers first in the body, where a page that is a grid or a row takes it
// for its first part. One that is there already it takes as it is.
function makeRoomToSpeak(): void {
  if (document.querySelector("ui5-announcement-area")) return;
  const area = document.createElement("ui5-announcement-area");
  area.style.position = "absolute";
  document.body.append(area);
}

if (!customElements.get("plantwright-panel")) customElements.define("plantwright-panel", PlantwrightPanel);
