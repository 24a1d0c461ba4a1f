/** The playground's server: calls out, events in. */

const HEADERS = { "Content-Type": "application/json", "X-Playground": "1" };
const SILENT = "The playground did not answer. Your words are still here; try again once it is running.";
const RETRY_AFTER = 2000;

/** The server said no, in a sentence a person can act on. */
export class Refused extends Error {}

export async function getState() {
  return answerOf(await ask("state", { headers: HEADERS }));
}

export async function post(call, body) {
  return answerOf(await ask(call, { method: "POST", headers: HEADERS, body: JSON.stringify(body) }));
}

async function ask(call, options) {
  try {
    return await fetch(`/playground/${call}`, options);
  } catch {
    throw new Refused(SILENT);
  }
}

async function answerOf(response) {
  const answer = await response.json().catch(() => null);
  if (!response.ok || answer === null) throw new Refused(answer?.error || SILENT);
  return answer;
}

/** Keeps one stream open for ever. `on.opened` runs at each connection, also after a break. */
export function listen(on) {
  const stream = new EventSource("/playground/events");
  stream.addEventListener("open", () => on.opened());
  for (const name of ["message", "removed", "clock", "tour", "reset"]) {
    stream.addEventListener(name, (event) => on[name](event.data ? JSON.parse(event.data) : {}));
  }
  stream.addEventListener("error", () => {
    on.lost();
    // A browser gives up for good after a refusal, for instance while the server restarts.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => listen(on), RETRY_AFTER);
  });
}
