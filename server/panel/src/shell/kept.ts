// What the browser keeps: choices for good; until the tab is closed, the conversation and a question not asked yet.

import type { Pending } from "../connection/run";

const CHOICES = { language: "plantwright.language", theme: "plantwright.theme" } as const;
const WRITTEN = "plantwright.written";

type Choice = keyof typeof CHOICES;
export type KeptTalk = Pending | { conversation: string };

/** Nothing where the browser keeps nothing. */
function read(storage: () => Storage, name: string): string | null {
  try {
    return storage().getItem(name);
  } catch {
    return null;
  }
}

function keep(storage: () => Storage, name: string, value: string | null): void {
  try {
    if (value === null) storage().removeItem(name);
    else storage().setItem(name, value);
  } catch {
    // A page may forbid it: then the choice lasts as long as the page.
  }
}

/** What somebody chose here before. */
export const chosen = (choice: Choice): string | null => read(() => localStorage, CHOICES[choice]);

export const choose = (choice: Choice, value: string): void => keep(() => localStorage, CHOICES[choice], value);

export const isPending = (kept: KeptTalk): kept is Pending => "run" in kept && typeof kept.run === "string" && typeof kept.question === "string";

/** Which conversation this tab was in; null where none was, or where what is kept cannot be read. */
export function keptTalk(name: string): KeptTalk | null {
  try {
    const found = JSON.parse(read(() => sessionStorage, name) ?? "null") as KeptTalk | null;
    return typeof found?.conversation === "string" ? found : null;
  } catch {
    return null;
  }
}

export const keepTalk = (name: string, talk: KeptTalk | null): void => keep(() => sessionStorage, name, talk && JSON.stringify(talk));

/** The question that was typed and not asked; it is given back once. */
export function keptQuestion(): string {
  const text = read(() => sessionStorage, WRITTEN);
  keep(() => sessionStorage, WRITTEN, null);
  return text ?? "";
}

export function keepQuestion(text: string): void {
  if (text) keep(() => sessionStorage, WRITTEN, text);
}
