// Characters that are not seen could forge what is read: they are shown.

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u115F\u1160\u3164\uFFA0\u{E0000}-\u{E0FFF}]/gu;

/** Text from data on one line, with a sign in place of each control, bidirectional and invisible character. */
export function plain(text: unknown): string {
  return String(text).replace(/[\t\r\n]+/g, " ").replace(INVISIBLE, "\uFFFD");
}

/** The same for text whose lines matter, such as a query. */
export function plainLines(text: string): string {
  return text.replace(/\r\n?/g, "\n").split("\n").map((line) => plain(line.replace(/\t/g, "  "))).join("\n");
}

/** A label as a heading: with a capital first letter. */
export function titled(text: string): string {
  const label = plain(text);
  return label.charAt(0).toUpperCase() + label.slice(1);
}
