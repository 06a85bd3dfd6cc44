// What the service answers, as its JSON is published (`/v1/openapi.json`).

export type Cell = string | boolean | null;
export type Kind = "text" | "id" | "date" | "flag" | "quote" | "quantity" | "count" | "money" | "percent" | "ratio" | "days" | "rate";
export type Status = "answered" | "clarify" | "cannot_answer" | "refused";
export type Spoken = "en" | "de" | "es" | "fr";

export interface Table {
  title: string;
  columns: string[];
  names: string[];
  kinds: string[];
  units: string[];
  rows: Cell[][];
  truncated: boolean;
  total_rows: number | null;
  restates: boolean;
}

export interface Figure {
  label: string;
  /** Decimal string. */
  value: string;
  unit: string;
  evidence: string;
}

export interface Source {
  system: string;
  record: string;
  rows: number | null;
  sample_keys: string[];
}

export interface Evidence {
  id: string;
  tool: string;
  version: string;
  arguments: string;
  sources: Source[];
  data_as_of: string | null;
  loaded_at: string | null;
  query: string;
  flags: string[];
}

export interface Alternative {
  key: string;
  reading: string;
}

export interface ChartSeries {
  column: string;
  of: string[];
  label: string;
  unit: string;
  currency: string;
  axis: "left" | "right";
  adds_up: boolean;
}

export interface ChartNote {
  code: string;
  words: string;
  at: string;
  evidence: string;
}

export type Grain = "day" | "week" | "month" | "quarter" | "year";

export interface ChartSpec {
  version: string;
  kind: "line" | "bar" | "stacked" | "scatter" | "waterfall" | "pareto" | "gantt";
  table: number;
  title: string;
  x: { columns: string[]; type: "time" | "category" | "number"; label: string; unit: string; grain: Grain | null };
  series: ChartSeries[];
  split: string[];
  only: { column: string; value: string } | null;
  sort: "table" | "x" | "value";
  most: number | null;
  scale: "linear" | "log";
  lines: { kind: "average" | "target"; column: string; words: string }[];
  gaps: boolean;
  notes: ChartNote[];
  asked: boolean;
  /** Of the kind `gantt` alone: the columns that its bars are drawn of. */
  gantt: GanttBars | null;
}

export interface GanttBars {
  row: string;
  start: string;
  end: string;
  label: string;
  part: string;
  plan: string;
  moved: string;
  /** What the column of plans says for the plan before. */
  before: string;
  after: string;
}

export interface NotComparable {
  metric: string;
  rule: string;
  reason: string;
  sites: { site: string; basis: string }[];
}

export interface Answer {
  id: string;
  status: Status;
  question: string;
  reading: string;
  answer: string;
  alternatives: Alternative[];
  tables: Table[];
  figures: Figure[];
  caveats: string[];
  not_comparable: NotComparable[];
  charts: ChartSpec[];
  evidence: Evidence[];
  suggestions: string[];
  tool_calls: { name: string; arguments: string }[];
  model: string;
  language: Spoken;
  /** What was drafted; its card is read anew, an explanation's (`variance_explanation`) from where those are kept. */
  draft: { id: string; kind?: string } | null;
  /** What was supposed, where figures are of a world that is not; older answers have none. */
  hypothetical?: string[];
  conversation: string;
  timings: { total_ms: number };
}

export interface Person {
  subject: string;
  name: string;
  roles: string[];
  sites: string[];
}

export interface LoadedSource {
  system: string;
  site: string;
  site_name: string;
  rows: number;
  loaded_at: string;
  data_as_of: string | null;
  /** Parts that could not be read again, or of which not all is here; an older service says nothing of them. */
  troubles?: SourceTrouble[];
}

export interface SourceTrouble {
  part: string;
  /** None where it was read, and what is kept differs from what the source says that it has. */
  failing_since: string | null;
  problem: string;
  remedy: string;
}

export interface EgressClass {
  name: "question" | "names" | "materials" | "amounts" | "free_text" | "schema";
  treatment: "send" | "mask" | "keep";
}

/** What may be sent to a hosted model, as an administrator is told. */
export interface EgressShown {
  model: string;
  sends: boolean;
  default: EgressClass[];
  sites: { site: string; classes: EgressClass[] }[];
}

export interface Me {
  person: Person;
  /** Everybody in a demo home, nobody elsewhere. */
  people: Person[];
  sources: LoadedSource[];
  model: string;
  openers: string[];
}

export interface SessionShown {
  signed_in: boolean;
  person: Person | null;
  /** Path to begin signing in at. */
  sign_in: string;
  is_demo: boolean;
  expires_at: string | null;
}

export interface Summary {
  id: string;
  title: string;
  last_asked_at: string;
  answers: number;
}

export interface Listing {
  conversations: Summary[];
  next: string | null;
}

/** What the page around the panel is about; data, never instructions. */
export const HOST_NAMES = ["plant", "material", "order", "supplier"] as const;
export type HostName = (typeof HOST_NAMES)[number];
export type HostContext = Partial<Record<HostName, string>>;
