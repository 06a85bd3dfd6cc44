// Drafts: exact totals, every row of a card once, what changed between versions, one decision per click.

import { describe, expect, it } from "vitest";
import { Board, pauseAfter, type Asks } from "../src/drafts/board";
import { sorted } from "../src/drafts/card";
import { changesOf } from "../src/drafts/changes";
import { leftOf } from "../src/drafts/expiry";
import { marked, unmarked, waitingExplanations } from "../src/drafts/explanations";
import { change, finding, rejection } from "../src/drafts/forms";
import { deed, keyOf, pathed, worthOf, writing } from "../src/drafts/labels";
import { inTheWayOf } from "../src/drafts/offs";
import { atPlant, planOf } from "../src/drafts/plan";
import { typed } from "../src/drafts/quantity";
import type { Card, DraftDetail, DraftShown } from "../src/drafts/records";
import { totalOf } from "../src/drafts/total";
import { drafts as german } from "../src/language/drafts_de";
import { drafts as english } from "../src/language/drafts_en";

const CARD: Card = {
  title: "Purchase requisition for KAS",
  rows: [
    ["Site", "KAS"],
    ["Material", "BR-6204 Ball bearing 6204"],
    ["Quantity", "120 PC"],
    ["Total", "388.80 EUR"],
    ["Why", "Price 3.24 EUR from the info record."],
    ["Why", "Cost centre 4240 Purchasing."],
    ["Without it", "It runs short on 2026-04-07."],
    ["Flag", "The data is 9 days old."],
    ["Requested by", "planner.kassel"],
    ["Under policy", "sha256:7a8c"],
  ].map(([label = "", value = ""]) => ({ label, value, mark: "" })),
  tables: [],
  warnings: [],
  digest: "sha256:05b8",
};

const DRAFT = {
  kind: "purchase_requisition",
  schema_version: 1,
  site: "KAS",
  lines: [
    {
      material: { code: "BR-6204", name: "Ball bearing 6204" },
      quantity: { value: "120", unit: "PC" },
      needed_on: "2026-06-12",
      unit_price: { amount: "3.24", currency: "EUR" },
      source: { supplier: { code: "N7", name: "Norvexa" }, chosen_by: "info_record" },
    },
  ],
  note: "",
  grounds: { why: ["Price 3.24 EUR.", "It buys for stock."], without_it: "Short.", facts: [{ record: "material", version: "sha256:1" }], evidence: [] },
};

function detail(more: Partial<DraftDetail> = {}): DraftDetail {
  return {
    id: "1",
    series: "s",
    version: 1,
    digest: "sha256:05b8",
    kind: "purchase_requisition",
    summary: "Requisition: 120 PC",
    site: "KAS",
    sites: ["KAS"],
    state: "awaiting_confirmation",
    requester: "planner",
    requester_name: "Planner",
    created_at: "2026-11-29T15:00:00Z",
    expires_at: "2026-12-02T15:00:00Z",
    value: { amount: "388.8", currency: "EUR" },
    document_number: "",
    reason: "",
    signatures: { count: 1, roles: ["buyer"], requester_may: false, reason: "" },
    signed: [],
    escalated_at: null,
    may: ["confirm", "reject", "edit"],
    editable: { material: "BR-6204", quantity: "120", unit: "PC", needed_on: "2026-06-12" },
    card: CARD,
    history: [],
    versions: [],
    evidence: [],
    draft: DRAFT,
    ...more,
  };
}

const priced = (amount: string, currency = "EUR"): DraftShown => detail({ value: { amount, currency } });

describe("totals", () => {
  it("loses no cent of sums that binary fractions cannot hold", () => {
    expect(totalOf([priced("0.1"), priced("0.2")])).toEqual({ kind: "sum", price: { amount: "0.3", currency: "EUR" } });
    expect(totalOf([priced("90071992547409.93"), priced("0.000001")])).toEqual({ kind: "sum", price: { amount: "90071992547409.930001", currency: "EUR" } });
  });
  it("adds no currencies up, and knows no total where a price is missing", () => {
    expect(totalOf([priced("1"), priced("1", "USD")])).toEqual({ kind: "currencies", named: ["EUR", "USD"] });
    expect(totalOf([priced("1"), detail({ value: null })]).kind).toBe("unknown");
  });
});

describe("the card", () => {
  const shown = (card: Card): string[] => {
    const { lead, rest, lines, why, without, itself } = sorted(card);
    return [...lead, ...rest, ...[...lines.values()].flat(), ...itself].map((row) => row.value).concat(why, without);
  };
  it("shows every row in exactly one place", () => {
    expect(shown(CARD).sort()).toEqual(CARD.rows.map((row) => row.value).sort());
  });
  it("shows a flag that the warnings above name word for word only there", () => {
    const flagged = { ...CARD, warnings: ["The data is 9 days old."] };
    expect(shown(flagged)).not.toContain("The data is 9 days old.");
    expect(shown({ ...CARD, warnings: ["Another."] })).toContain("The data is 9 days old.");
  });
  it("puts the rows of several lines under their line", () => {
    const card = { ...CARD, rows: ["1", "2"].flatMap((line) => [{ label: `Line ${line} quantity`, value: `${line}0 PC`, mark: "" }]) };
    expect([...sorted(card).lines].map(([line, rows]) => [line, rows[0]?.label, rows[0]?.value])).toEqual([
      ["1", "Quantity", "10 PC"],
      ["2", "Quantity", "20 PC"],
    ]);
  });
  it("tells rows by their keys, whatever language their labels are in", () => {
    const told = { Material: "Artikel", "Needed on": "Benötigt am", Why: "Warum" } as Readonly<Record<string, string>>;
    const card = { ...CARD, rows: CARD.rows.map((row) => ({ ...row, key: row.label, label: told[row.label] ?? `(${row.label})` })) };
    expect(shown(card).sort()).toEqual(shown(CARD).sort());
    expect(sorted(card).lead.map(keyOf)).toEqual(sorted(CARD).lead.map(keyOf));
    const row = { key: "Line 2 quantity", label: "Zeile 2 Menge", value: "20 PC", mark: "" };
    expect([...sorted({ ...CARD, rows: [row] }).lines]).toEqual([["2", [{ ...row, label: "Menge" }]]]);
  });
});

describe("the button", () => {
  it("says what it does, in numbers of the language", () => {
    expect(deed(detail(), english, "en")).toBe("Confirm requisition for 120 PC, 388.80 EUR");
    const large = detail({ value: { amount: "6250", currency: "EUR" } });
    expect(deed(large, english, "en")).toBe("Confirm requisition for 120 PC, 6,250.00 EUR");
    expect(deed(large, german, "de")).toBe("Bestellanforderung über 120 PC, 6.250,00 EUR bestätigen");
  });
  it("names the place of a signature where several are needed", () => {
    expect(deed(detail({ signatures: { count: 2, roles: [], requester_may: false, reason: "" } }), english, "en")).toMatch(/^Sign 1 of 2: /);
  });
});

describe("versions", () => {
  const after = detail({
    version: 2,
    draft: { ...DRAFT, lines: [{ ...DRAFT.lines[0]!, quantity: { value: "1600", unit: "PC" } }], note: "Two lines run", grounds: { ...DRAFT.grounds, why: ["Price 3.10 EUR.", "It buys for stock."], facts: [] } },
  });
  it("tells fields old and new, figures before grounds, and what stays is left out", () => {
    expect(changesOf(detail(), after, writing("en"))).toEqual([
      { path: ["lines", "quantity"], before: "120 PC", after: "1,600 PC" },
      { path: ["note"], before: null, after: "Two lines run" },
      { path: ["grounds", "why"], before: "Price 3.24 EUR.", after: "Price 3.10 EUR." },
    ]);
    expect(changesOf(after, after, writing("en"))).toEqual([]);
  });
  it("names a line only where there are several", () => {
    expect(pathed(["lines", "quantity"], english)).toBe("Quantity");
    expect(pathed(["lines", "2", "quantity"], german)).toBe("Zeile 2, Menge");
    expect(pathed(["lines", "source", "supplier"], english)).toBe("Supplier");
  });
  it("tells a line that came", () => {
    const two = detail({ draft: { ...DRAFT, lines: [DRAFT.lines[0]!, DRAFT.lines[0]!] } });
    const [change] = changesOf(detail(), two, writing("en"));
    expect(change?.path).toEqual(["lines", "2"]);
    expect(change?.before).toBeNull();
  });
});

describe("typed quantities", () => {
  it.each([
    ["600", "600"],
    ["2.5", "2.5"],
    ["2,5", "2.5"],
    ["0.125", "0.125"],
    [" 12 ", "12"],
  ])("reads %j", (text, value) => expect(typed(text)).toEqual({ kind: "number", value }));
  it.each(["1.000", "1,000", "12.500", "1.234.567", "1,234.50"])("takes %j for no number of its own choice", (text) => expect(typed(text)).toEqual({ kind: "two" }));
  it.each(["", "0", "-5", "1e3", "٣", "five", "0x10", "1 000"])("refuses %j", (text) => expect(typed(text)).toEqual({ kind: "none" }));
});

describe("forms", () => {
  const form = (given: Record<string, string>): FormData => {
    const data = new FormData();
    for (const [name, value] of Object.entries(given)) data.set(name, value);
    return data;
  };
  it("sends only what was changed", () => {
    const given = { quantity: "600", needed_on: "2026-06-12", note: "" };
    expect(change(form(given), detail(), english)).toEqual({ kind: "filled", value: { quantity: "600" } });
    expect(change(form({ ...given, quantity: "120" }), detail(), english).kind).toBe("wrong");
  });
  it("asks for a reason, and for the number of a document that was found", () => {
    expect(rejection(form({ reason: "  " }), english)).toMatchObject({ kind: "wrong", field: "reason" });
    expect(finding(form({ outcome: "found", number: "", reason: "Looked" }), english)).toMatchObject({ kind: "wrong", field: "number" });
    expect(finding(form({ outcome: "not_written", number: "4711", reason: "Looked" }), english)).toEqual({ kind: "filled", value: { outcome: "not_written", number: "", reason: "Looked" } });
  });
});

describe("expiry and switches", () => {
  it("counts down", () => {
    const now = Date.parse("2026-12-01T12:30:00Z");
    expect(leftOf("2026-12-02T15:00:00Z", now, english)).toEqual({ words: "1 d 2 h", isLittle: false });
    expect(leftOf("2026-12-01T12:34:30Z", now, english)).toEqual({ words: "4 min", isLittle: true });
    expect(leftOf("2026-12-01T12:30:00Z", now, english)).toBeNull();
  });
  it("says which switches stand in a draft's way", () => {
    const off = (target: "site" | "tool" | "flow" | "all", name: string) => ({ target, name, what: "", by: "", since: "", reason: "" });
    const all = [off("site", "KAS"), off("site", "HAM"), off("flow", "stock_transfer"), off("tool", "draft_requisition"), off("all", "")];
    expect(inTheWayOf(detail(), all).map((each) => each.target)).toEqual(["site", "tool", "all"]);
  });
});

describe("the board", () => {
  const boarded = (): { board: Board; asked: string[]; answer: () => void } => {
    const asked: string[] = [];
    let answer = (): void => undefined;
    const asks: Asks = {
      call: async <T>(path: string, { method = "GET", body }: { method?: string; body?: unknown } = {}): Promise<T> => {
        asked.push(`${method} ${path} ${JSON.stringify(body ?? null)}`);
        if (method === "POST") await new Promise<void>((resolve) => (answer = resolve));
        return detail() as T;
      },
    };
    return { board: new Board(asks), asked, answer: () => answer() };
  };
  it("confirms once however often it is clicked, bound to the digest that was shown", async () => {
    const { board, asked, answer } = boarded();
    const first = board.confirm(detail());
    expect(await board.confirm(detail())).toBeNull();
    expect(await board.confirmTogether([detail(), detail({ id: "2" })], null)).toBeNull();
    answer();
    expect(await first).not.toBeNull();
    expect(asked.filter((each) => each.startsWith("POST"))).toEqual(['POST /v1/drafts/1/confirm {"digest":"sha256:05b8","proposal_id":"1"}']);
  });
  it("stops reading where nothing moves any more", () => {
    expect(pauseAfter("executed", 0)).toBeNull();
    expect(pauseAfter("superseded", 0)).toBeNull();
    expect(pauseAfter("dispatching", 0)).toBeLessThan(1000);
    expect(pauseAfter("dispatching", 1000)).toBeGreaterThan(1000);
    expect(pauseAfter("awaiting_confirmation", 5)).toBeLessThanOrEqual(3000);
  });
});

describe("explanations", () => {
  it("are named beside drafts in a way that an address can hold", () => {
    const id = "0192d0f0-0000-7000-8000-0000000000f1";
    expect(unmarked(marked(id))).toBe(id);
    expect(unmarked(id)).toBe("");
    expect(marked(id)).toMatch(/^[0-9a-fA-F-]{1,64}$/);
  });

  it("are none where the service keeps none", async () => {
    const service: Asks = { call: () => Promise.reject(new Error("404")) };
    expect(await waitingExplanations(service)).toEqual({ publications: [], to_publish: 0 });
  });
});

describe("the plan of moves", () => {
  const dates = (starts: string, ends: string) => ({ start_on: starts.slice(0, 10), due_on: ends.slice(0, 10), starts_at: starts, ends_at: ends, work_centres: [] });
  const move = (order: string) => ({ order, material: { code: "GP-410", name: "Gear" }, before: dates("2026-04-01T04:00:00Z", "2026-04-01T12:00:00Z"), after: dates("2026-04-02T06:00:00+02:00", "2026-04-02T14:00:00+02:00") });
  const moving = (moves: readonly unknown[]): DraftDetail => detail({ kind: "order_rescheduling", draft: { zone: "Europe/Berlin", now: "2026-04-01T04:30:00Z", moves } as unknown as DraftDetail["draft"] });

  it("has a bar before and after for each order, by the plant's own clocks", () => {
    const chart = planOf(moving([move("1102494")]), english, "en")!;
    if (chart.form !== "gantt") throw new Error("it is drawn as a plan");
    expect(chart.data.lanes).toEqual(["1102494"]);
    expect(chart.data.now).toBe("2026-04-01 06:30");
    expect(chart.data.tasks.map((task) => [task.plan, task.start, task.end, task.isMoved])).toEqual([
      ["before", "2026-04-01 06:00", "2026-04-01 14:00", false],
      ["after", "2026-04-02 06:00", "2026-04-02 14:00", true],
    ]);
    expect(atPlant("2026-04-01T23:30:00Z", "America/Mexico_City")).toBe("2026-04-01 17:30");
  });

  it("takes whole days where there are no times, and says where it shows not all", () => {
    const days = { start_on: "2026-04-01", due_on: "2026-04-03", starts_at: null, ends_at: null };
    const chart = planOf(moving([{ order: "1", material: { code: "A", name: "A" }, before: days, after: { ...days, due_on: "2026-04-04" } }]), english, "en")!;
    expect(chart.form === "gantt" && chart.data.tasks[1]!.end).toBe("2026-04-04 23:59");
    const many = planOf(moving(Array.from({ length: 25 }, (_, i) => move(String(i)))), german, "de")!;
    expect(many.form === "gantt" && many.data.title).toContain("20 von 25");
    expect(planOf(detail(), english, "en")).toBeNull();
    expect(worthOf(moving([]), english, "en")).toBe("");
    expect(worthOf(detail({ value: null }), english, "en")).toBe("No price known");
  });
});
