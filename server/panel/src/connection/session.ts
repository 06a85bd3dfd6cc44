// Who is signed in here, and how one signs in: by redirect on our own origin, by a popup from another or in a frame.

import type { Language } from "../language/texts";
import type { Me, Person, SessionShown } from "./records";
import { Problem } from "./problem";
import type { Service } from "./service";

const HANDOVER = "plantwright.token";

interface Handover {
  type: typeof HANDOVER;
  token: string;
  expires_at: string;
}

function isHandover(data: unknown): data is Handover {
  if (typeof data !== "object" || data === null) return false;
  const said = data as Partial<Handover>;
  return said.type === HANDOVER && typeof said.token === "string" && said.token.startsWith("pwp_") && typeof said.expires_at === "string";
}

/** Who is signed in, where to sign in, and whether this is a demo home. */
export async function sessionOf(service: Service): Promise<SessionShown> {
  return service.call<SessionShown>("/v1/session");
}

/** Who asks, what is loaded and what one could ask first. */
export async function meOf(service: Service, language: Language): Promise<Me> {
  return service.call<Me>(`/v1/me?language=${language}`);
}

/** Ask as another person of a demo home from now on. */
export async function become(service: Service, subject: string): Promise<Person> {
  return service.call<Person>("/v1/me", { method: "PUT", body: { subject } });
}

/** Signs out here; the address to go on to where the identity provider has a session to end too. */
export async function signOut(service: Service): Promise<string> {
  const ended = await service.call<{ sign_out: string } | undefined>("/v1/session/end", { method: "POST" });
  service.release();
  return ended && !service.isElsewhere && !isFramed() && /^https?:/.test(ended.sign_out) ? ended.sign_out : "";
}

/** The address that a page of the service's own origin goes to in order to sign in, and comes back from. */
export function beginning(service: Service, shown: SessionShown, next: string): string {
  const address = new URL(shown.sign_in, service.origin);
  if (address.origin !== new URL(service.origin).origin) throw new Problem("Cannot sign in", "The service names an address of another origin.");
  address.searchParams.set("next", next);
  return address.href;
}

/** True in a frame of another page, where no identity provider shows itself and the session's cookie may be missing.
 *
 * The Storage Access API would not bring it: it is `SameSite=Lax`, and stays out of frames of other sites.
 */
export const isFramed = (within: Window = window): boolean => within.top !== within;

/** Signs in through a popup of the service, which hands a token over; to be called from a click.
 *
 * Only a message of that very window and of the service's origin counts.
 */
export function handover(service: Service, within: Window = window): Promise<void> {
  const address = `${service.origin}/v1/session/handover?origin=${encodeURIComponent(within.location.origin)}`;
  const popup = within.open(address, "plantwright-sign-in", "popup,width=480,height=680");
  if (!popup) return Promise.reject(new Problem("Cannot sign in", "The browser blocked the sign-in window. Allow popups for this page and try again."));
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      within.removeEventListener("message", hear);
      clearInterval(watching);
    };
    const hear = (event: MessageEvent): void => {
      if (event.source !== popup || event.origin !== new URL(service.origin).origin || !isHandover(event.data)) return;
      leave();
      service.hold(event.data.token, new Date(event.data.expires_at));
      resolve();
    };
    const watching = setInterval(() => {
      if (!popup.closed) return;
      leave();
      reject(new Problem("Not signed in", "The sign-in window was closed before it was done."));
    }, 400);
    within.addEventListener("message", hear);
  });
}
