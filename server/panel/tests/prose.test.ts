// Numbers of a sentence open what they rest on; digits of names do not.

import { expect, test } from "vitest";
import { lines } from "../src/answers/prose";
import type { Answer } from "../src/connection/records";
import prepared from "../stand_in/answers.json";

const EVIDENCE = { id: "e1", tool: "shortages", version: "1", arguments: "{}", sources: [], data_as_of: null, loaded_at: null, query: "", flags: [] };
const TABLE = { title: "", columns: ["Material", "Missing", "On hand"], names: ["material", "missing", "on_hand"], kinds: ["text", "quantity", "quantity"], units: ["", "", ""], rows: [["Ball valve BV 50", "7", "40"], ["Flange", "50", "12"]], truncated: false, total_rows: null, restates: false };

function said(answer: string): string[] {
  const some = prepared[0]!.answer as unknown as Answer;
  return lines({ ...some, answer, language: "en", figures: [], tables: [TABLE], evidence: [EVIDENCE] })
    .flat()
    .flatMap(({ text, figure }) => (figure ? [text] : []));
}

test("a number within a name of the table is none of its figures", () => {
  expect(said("First is Ball valve BV 50: 7 are missing.")).toEqual(["7"]);
  expect(said("Flange: 50 are missing, and of Ball valve BV 50 only 7.")).toEqual(["50", "7"]);
});
