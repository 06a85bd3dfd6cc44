// Texte der Entwürfe, auf Deutsch.

import type { DraftTexts } from "./drafts_en";

export const drafts: DraftTexts = {
  title: "Eingang",
  none: "Nichts wartet auf Sie.",
};
