// Texts of drafts, in English.

export const drafts = {
  title: "Inbox",
  none: "Nothing waits for you.",
};

export type DraftTexts = typeof drafts;
