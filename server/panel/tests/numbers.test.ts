// Numbers and days read as a language writes them, and no digit of a decimal string is lost.

import { expect, test } from "vitest";
import { plain } from "../src/language/characters";
import { age, day, month } from "../src/language/dates";
import { column, compared, money, number, numerals, sum } from "../src/language/numbers";

test.each([
  ["1271", "quantity", "en", "1,271"],
  ["1271", "quantity", "de", "1.271"],
  ["1234567.5", "money", "fr", "1\u202F234\u202F567,50"],
  ["1234", "quantity", "es", "1234"],
  ["-12.5", "money", "en", "\u221212.50"],
  ["0.2363", "percent", "de", "0,2363"],
  ["0.00012345", "quantity", "en", "0.0001235"],
  ["0", "money", "de", "0,00"],
  ["-0.00", "money", "en", "0.00"],
  ["2.675", "money", "en", "2.68"],
  ["900719925474099312345.67", "money", "en", "900,719,925,474,099,312,345.67"],
  ["not a number", "money", "en", "not a number"],
] as const)("%s as %s in %s", (text, kind, language, shown) => {
  expect(number(text, kind, language)).toBe(shown);
});

test("a column's points align", () => {
  expect(column(["1", "2.5", null], "quantity", "de")).toEqual(["1,0", "2,5", "–"]);
});

test("sums and comparisons are exact", () => {
  expect(sum(["0.1", "0.2", "-0.30"])).toBe("0");
  expect(sum(["900719925474099312345.67", "0.01"])).toBe("900719925474099312345.68");
  expect(compared("9007199254740993", "9007199254740992")).toBe(1);
  expect(compared("-2", "-1")).toBe(-1);
  expect(compared("1.0", "1")).toBe(0);
});

test("money keeps the digits that were given", () => {
  expect(money("6250", "EUR", "de")).toBe("6.250,00 EUR");
  expect(money("0.00125", "EUR", "en")).toBe("0.00125 EUR");
});

test("a day is the one that is written, in every time zone", () => {
  expect(day("2025-05-31T23:30:00+00:00", "de")).toBe("31.05.2025");
  expect(day("2025-05-31", "en")).toBe("31 May 2025");
  expect(day("2025-W22", "de")).toBe("2025-W22");
  expect(age("2025-05-31T00:00:00Z", "de", "gerade eben", Date.parse("2025-06-03T00:00:00Z"))).toBe("vor 3 Tagen");
});

test("characters that are not seen are shown", () => {
  expect(plain("a\u202Eb\u200Bc\u0007d\u{E0041}e")).toBe("a\uFFFDb\uFFFDc\uFFFDd\uFFFDe");
});

test("digits of dates, times and records are no figures", () => {
  const found = (text: string, language: "en" | "de" | "es" | "fr"): string[] => text.split(numerals(language)).filter((_, i) => i % 2 === 1);
  expect(found("Zuerst Ball bearing 6204 am 07.04.2026: Es fehlen 1.174,5 um 06:00.", "de")).toEqual(["6204", "1.174,5"]);
  expect(found("BR-6204 is short on 2026-04-07 by 174; 1,234.5 of 5, 6 more at -3.", "en")).toEqual(["174", "1,234.5", "5", "6", "-3"]);
  expect(found("(4.4 %) 07/04/2026, 12 345,6", "fr").at(-1)).toBe("12 345,6");
});

test("a month is written as the language writes it, and what is none stays", () => {
  expect(month("2025-02", "en")).toBe("Feb 2025");
  expect(month("2025-02", "de")).toBe("Feb. 2025");
  expect(month("2025-13", "en")).toBe("2025-13");
});
