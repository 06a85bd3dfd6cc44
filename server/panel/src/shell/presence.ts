// Who is signed in here, in this tab and as other tabs have it. Knows nothing of the screen.

import { asProblem, type Problem } from "../connection/problem";
import type { Me, SessionShown } from "../connection/records";
import type { Service } from "../connection/service";
import type { Language } from "../language/texts";
import { become, meOf, sessionOf, signOut } from "../connection/session";

const TABS = "plantwright.session";

export interface Attendant {
  /** What the questions to begin with are said in. */
  readonly language: Language;
  /** Something of it is no longer as it was. */
  changed(): void;
  /** Somebody is there; `isOther` where it is not who was there before. */
  entered(isOther: boolean): void;
  /** Nobody will be there any more; `isEnded` where the session ended by itself. */
  leaves(isEnded: boolean): void;
  failed(error: unknown): void;
}

export class Presence {
  session: SessionShown | null = null;
  me: Me | null = null;
  problem: Problem | null = null;
  /** True where a session has ended while somebody was asking. */
  hasEnded = false;
  /** True where the service answers, but not pages of this origin. */
  isUnlisted = false;
  private isOpen = true;
  private readonly tabs: BroadcastChannel | null;
  private readonly look = (): void => void this.checked();

  constructor(
    private readonly service: Service,
    private readonly on: Attendant,
  ) {
    this.tabs = service.isElsewhere ? null : new BroadcastChannel(TABS);
    this.tabs?.addEventListener("message", this.look);
    addEventListener("focus", this.look);
  }

  close(): void {
    this.isOpen = false;
    this.tabs?.close();
    removeEventListener("focus", this.look);
  }

  /** Lets in whoever is signed in, and waits where the service is away. */
  async begin(): Promise<void> {
    try {
      this.session = await sessionOf(this.service);
      if (this.session.signed_in || this.service.isHeld) await this.enter();
      this.problem = null;
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status === 401) this.me = null;
      else this.problem = problem;
      this.on.changed();
      if (!problem.isLost) return;
      if (await this.service.refusesPage()) {
        this.isUnlisted = true;
        this.on.changed();
        return;
      }
      await this.service.back();
      if (this.isOpen) await this.begin();
    }
    this.on.changed();
  }

  /** The session is over, whoever ended it. */
  ended(): void {
    this.hasEnded = this.me !== null;
    this.on.leaves(true);
    this.me = null;
    void this.begin();
  }

  async become(subject: string): Promise<void> {
    try {
      await become(this.service, subject);
      this.tell();
      await this.enter();
    } catch (error) {
      this.on.failed(error);
    }
  }

  async leave(): Promise<void> {
    try {
      const elsewhere = await signOut(this.service);
      this.tell();
      if (elsewhere) {
        location.assign(elsewhere);
        return;
      }
      this.on.leaves(false);
      this.me = null;
      await this.begin();
    } catch (error) {
      this.on.failed(error);
    }
  }

  private async enter(): Promise<void> {
    const before = this.me?.person.subject;
    this.me = await meOf(this.service, this.on.language);
    this.hasEnded = false;
    this.on.entered(this.me.person.subject !== before);
  }

  /** Reads anew what is said in a language. */
  async spoken(): Promise<void> {
    const { me } = this;
    if (!me) return;
    const now = await meOf(this.service, this.on.language).catch(() => null);
    if (now && this.me === me) this.me = now;
    this.on.changed();
  }

  /** A page that shows one person must not act as another: another tab may have signed out or in. */
  private async checked(): Promise<void> {
    const { me } = this;
    if (!me || this.service.isElsewhere || this.service.isHeld) return;
    const session = await sessionOf(this.service).catch(() => null);
    if (!session || this.me !== me) return;
    if (session.person && session.person.subject !== me.person.subject) await this.enter().catch((error: unknown) => this.on.failed(error));
    else if (!session.signed_in) this.ended();
  }

  /** Lets the other tabs look who is signed in. */
  private tell(): void {
    this.tabs?.postMessage(null);
  }
}
