// Why a request came to nothing.

/** A refusal or failure in words; `isLost` where the service could not be reached at all. */
export class Problem extends Error {
  readonly title: string;
  readonly status: number;
  readonly isLost: boolean;
  /** Where to sign in; empty where that is not the remedy. */
  readonly signIn: string;
  /** The other members of the problem document. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(title: string, detail: string, more: { status?: number; isLost?: boolean; signIn?: string; members?: Record<string, unknown> } = {}) {
    super(detail);
    this.name = "Problem";
    this.title = title;
    this.status = more.status ?? 0;
    this.isLost = more.isLost ?? false;
    this.signIn = more.signIn ?? "";
    this.members = more.members ?? {};
  }
}

/** The problem document of a response (RFC 9457), or one made from its status. */
export async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  const members = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const word = (name: string, otherwise: string): string => (typeof members[name] === "string" ? members[name] : otherwise);
  return new Problem(word("title", "Failed"), word("detail", `The service answered ${response.status}.`), {
    status: response.status,
    signIn: response.status === 401 ? word("sign_in", "/v1/session/begin") : "",
    members,
  });
}

/** Any error as a problem: what is none is a fault of the panel. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem("Fault of the panel", error instanceof Error ? error.message : String(error));
}
