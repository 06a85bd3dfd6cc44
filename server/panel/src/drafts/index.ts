// Drafts in the panel: cards and the inbox.

import "./draft";
import "./inbox";
import type { Service } from "../connection/service";

/** How many drafts wait for whoever asks. */
export async function waiting(service: Service): Promise<number> {
  return (await service.call<{ to_confirm: number }>("/v1/drafts?state=awaiting_confirmation&limit=1")).to_confirm;
}
