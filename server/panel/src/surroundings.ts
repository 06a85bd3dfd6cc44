// What every part of the panel may use; handed down as the property `around`.

import type { Evidence } from "./connection/records";
import type { Service } from "./connection/service";
import type { Language, Texts } from "./language/texts";

/** The figure that was clicked. */
export interface Picked {
  label: string;
  value: string;
  unit: string;
  kind: string;
}

export interface Surroundings {
  readonly service: Service;
  readonly texts: Texts;
  readonly language: Language;
  readonly isDark: boolean;
  /** Who asks. */
  readonly subject: string;
  /** Shows where a figure comes from; the focus returns to `from` afterwards. */
  openEvidence(evidence: Evidence, picked: Picked | null, from: HTMLElement): void;
  /** Says something to screen readers without moving the focus. */
  say(text: string): void;
  /** Asks a question as if it had been typed. */
  ask(question: string): void;
  /** Shows one draft in the inbox. */
  openDraft(id: string): void;
  /** Reads anew how many drafts wait; called whenever one changed. */
  draftsChanged(): void;
  /** Takes an error that is no business of the part: a lost connection, an ended session. */
  failed(error: unknown): void;
}
