// German says everything that English says.

import { expect, test } from "vitest";
import { de } from "../src/language/de";
import { en } from "../src/language/en";
import { languageOf } from "../src/language/texts";

type Tree = { [name: string]: Tree | string | ((...words: never[]) => string) };

function paths(tree: Tree, before = ""): [string, unknown][] {
  return Object.entries(tree).flatMap(([name, value]) => (typeof value === "object" ? paths(value, `${before}${name}.`) : [[`${before}${name}`, value] as [string, unknown]]));
}

const SAME = /^(shell\.title|shell\.demo|talk\.host\.material|table\.csv|answer\.took|evidence\.version|chart\.total|chart\.rest|drafts\.fields\.(material|budget)|drafts\.changes\.gone)$/;

test("no text is missing or left in English", () => {
  const german = new Map(paths(de as unknown as Tree));
  const english = paths(en as unknown as Tree);
  expect([...german.keys()].sort()).toEqual(english.map(([path]) => path).sort());
  const left = english.filter(([path, text]) => typeof text === "string" && german.get(path) === text && !SAME.test(path));
  expect(left).toEqual([]);
});

test("a tag with a region names its language", () => {
  expect(languageOf(null, "de-AT", "en")).toBe("de");
  expect(languageOf("fr")).toBe("en");
});

test("what the panel itself reports is said in German too", () => {
  const source = [...new Map(Object.entries(import.meta.glob("../src/**/*.ts", { query: "?raw", import: "default", eager: true })))].map(([, text]) => String(text)).join("\n");
  const own = [...source.matchAll(/new Problem\("([^"]+)", "([^"]+)"/g)].flatMap(([, title, message]) => [title!, message!]);
  expect(own.length).toBeGreaterThan(8);
  expect(own.filter((text) => de.problem.own(text) === text)).toEqual([]);
});
