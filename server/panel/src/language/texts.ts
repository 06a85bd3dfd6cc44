// Which language the panel speaks.

import { de } from "./de";
import { en, type Texts } from "./en";

export type { Texts };
export type Language = "en" | "de";
export const LANGUAGES: readonly Language[] = ["en", "de"];
export const NAMES: Record<Language, string> = { en: "English", de: "Deutsch" };

export const textsOf = (language: Language): Texts => (language === "de" ? de : en);

/** The first of these that the panel speaks, of tags such as `de-AT`; English where it speaks none. */
export function languageOf(...tags: (string | null | undefined)[]): Language {
  for (const tag of tags) {
    const found = LANGUAGES.find((language) => tag?.toLowerCase().split("-")[0] === language);
    if (found) return found;
  }
  return "en";
}
