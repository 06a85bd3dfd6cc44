// Server-sent events out of a stream of bytes.

export interface ServerEvent {
  id: string | null;
  data: string;
}

/** The service says at least "still working" every 15 s; a connection that is silent for longer is dead. */
const PATIENCE_MS = 50_000;

/** The events of a body, whole ones only: what a broken connection cut off is left out.
 *
 * Throws where nothing at all arrives for that long: a machine that slept has connections that never end.
 */
export async function* eventsOf(body: ReadableStream<Uint8Array>, patience = PATIENCE_MS): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let held = "";
  try {
    for (;;) {
      const { done, value } = await within(patience, reader.read());
      if (done) return;
      held += decoder.decode(value, { stream: true });
      let end: RegExpExecArray | null;
      while ((end = /\r\n\r\n|\n\n|\r\r/.exec(held))) {
        const event = eventOf(held.slice(0, end.index));
        held = held.slice(end.index + end[0].length);
        if (event) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing arrived for ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** One event of its lines; null where it holds no data, such as a heartbeat. */
function eventOf(text: string): ServerEvent | null {
  let id: string | null = null;
  const data: string[] = [];
  for (const line of text.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(":");
    const [name, value] = colon < 0 ? [line, ""] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
    if (name === "data") data.push(value);
    else if (name === "id") id = value;
  }
  return data.length ? { id, data: data.join("\n") } : null;
}
