// Light or dark: ours by an attribute, UI5's by its parameters inside our own shadow root, so that a page around
// the panel keeps its theme.

export type Theme = "auto" | "light" | "dark";

export const isTheme = (text: string | null | undefined): text is Theme => text === "auto" || text === "light" || text === "dark";

const DARK = "(prefers-color-scheme: dark)";

export const isDark = (theme: Theme): boolean => theme === "dark" || (theme === "auto" && matchMedia(DARK).matches);

/** Calls when the system changes between light and dark; returns what ends that. */
export function onSystemChange(changed: () => void): () => void {
  const query = matchMedia(DARK);
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}

let dark: Promise<CSSStyleSheet> | null = null;

/** UI5's dark parameters for a shadow root; fetched when dark is wanted for the first time. */
export function darkParameters(): Promise<CSSStyleSheet> {
  dark ??= (async () => {
    const [base, parts] = await Promise.all([
      import("@ui5/webcomponents-theming/dist/generated/themes/sap_horizon_dark/parameters-bundle.css.js"),
      import("@ui5/webcomponents/dist/generated/themes/sap_horizon_dark/parameters-bundle.css.js"),
    ]);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`${base.default}${parts.default}`.replaceAll(":root", ":host"));
    return sheet;
  })();
  return dark;
}
