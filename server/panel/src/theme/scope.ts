// Set before the first UI5 part is defined: own tag names (`ui5-button-pw`), and nothing from another host.

import { registerI18nLoader } from "@ui5/webcomponents-base/dist/asset-registries/i18n.js";
import { registerLocaleDataLoader } from "@ui5/webcomponents-base/dist/asset-registries/LocaleData.js";
import { setDefaultFontLoading } from "@ui5/webcomponents-base/dist/config/Fonts.js";
import { setCustomElementsScopingSuffix } from "@ui5/webcomponents-base/dist/CustomElementsScope.js";

setCustomElementsScopingSuffix("pw");
setDefaultFontLoading(false);
registerI18nLoader("@ui5/webcomponents", "de", async () => (await import("@ui5/webcomponents/dist/generated/assets/i18n/messagebundle_de.json")).default);
// UI5 itself goes by the browser's language: to set another one would change that of a page with UI5 around the
// panel too. No text of its own is used besides.
//
// No part that is used reads calendars; without these, UI5 would fetch them from a host of its maker.
registerLocaleDataLoader("en", () => Promise.resolve({}));
registerLocaleDataLoader("de", () => Promise.resolve({}));
