// The one way to the service: JSON requests with whatever says who asks.

import { Problem, problemOf } from "./problem";

export interface Asked {
  method?: "GET" | "POST" | "PUT";
  body?: unknown;
  accept?: string;
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

const UNREACHABLE = "The service does not answer. It may have been stopped, or is starting again.";

/** A service at an origin: by cookie where the page is of the same, by a token in memory where it is not. */
export class Service {
  readonly origin: string;
  readonly isElsewhere: boolean;
  /** What it is to say in words, such as why something came to nothing. */
  language = "";
  private token = "";
  private expires = 0;

  constructor(origin: string, here: string = typeof location === "undefined" ? origin : location.origin) {
    this.origin = origin.replace(/\/+$/, "");
    this.isElsewhere = new URL(this.origin).origin !== here;
  }

  /** Ask with this token from now on; it is kept nowhere else. */
  hold(token: string, expires: Date): void {
    this.token = token;
    this.expires = expires.getTime();
  }

  /** Forget the token. */
  release(): void {
    this.token = "";
    this.expires = 0;
  }

  /** True where a token is at hand that is still good. */
  get isHeld(): boolean {
    return this.token !== "" && this.expires > Date.now();
  }

  /** The response, where it is a good one. Throws a Problem where it is not, or none comes. */
  async send(path: string, { method = "GET", body, accept = "application/json", signal, headers = {} }: Asked = {}): Promise<Response> {
    const sent: Record<string, string> = { accept, ...headers };
    if (this.language) sent["accept-language"] = this.language;
    if (body !== undefined) sent["content-type"] = "application/json";
    if (this.isHeld) sent["authorization"] = `Bearer ${this.token}`;
    // Who has signed out is nobody, even in a demo home, where a program that says nothing is the planner.
    else if (!this.isElsewhere) sent["x-plantwright-signed-in"] = "only";
    let response: Response;
    try {
      response = await fetch(this.origin + path, {
        method,
        headers: sent,
        cache: "no-store",
        credentials: this.isElsewhere ? "omit" : "same-origin",
        redirect: "error",
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal ? { signal } : {}),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Problem("No connection", UNREACHABLE, { isLost: true });
    }
    if (response.ok) return response;
    const problem = await problemOf(response);
    if (problem.status === 401) this.release();
    throw problem;
  }

  /** The JSON of the response; nothing where it has no body. */
  async call<T>(path: string, asked: Asked = {}): Promise<T> {
    const response = await this.send(path, asked);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /** True where the service is there and lets pages of this origin read nothing: a refusal that looks like silence. */
  async refusesPage(): Promise<boolean> {
    if (!this.isElsewhere) return false;
    const answers = (path: string): Promise<boolean> => fetch(this.origin + path, { cache: "no-store", credentials: "omit" }).then(() => true, () => false);
    // Its script is for every page.
    return (await answers("/panel/embed.js")) && !(await answers("/healthz"));
  }

  /** Resolves once the service is ready again, asking at growing intervals. */
  async back(signal?: AbortSignal): Promise<void> {
    for (let wait = 500; !signal?.aborted; wait = Math.min(wait * 1.6, 10_000)) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      try {
        if ((await fetch(`${this.origin}/readyz`, { cache: "no-store", credentials: "omit" })).ok) return;
      } catch {
        // Not yet.
      }
    }
  }
}
