// What happens now: the server's event stream over fetch, opened again for as long as the page is.

const FIRST_WAIT = 1000; // milliseconds
const LONGEST_WAIT = 30_000;
const SILENCE = 45_000; // three missed signs of life

/** Splits a text that comes in pieces into `{event, data}`; comments and unfinished events give nothing. */
export class EventReader {
  #rest = "";

  /** The events that this piece completes. */
  read(piece) {
    const blocks = (this.#rest + piece).replaceAll("\r\n", "\n").split("\n\n");
    this.#rest = blocks.pop();
    return blocks.map(parse).filter((event) => event.data !== "");
  }
}

function parse(block) {
  const found = { event: "message", data: [] };
  for (const line of block.split("\n")) {
    const [, name, value] = /^(event|data): ?(.*)$/.exec(line) || [];
    if (name === "event") found.event = value;
    if (name === "data") found.data.push(value);
  }
  return { event: found.event, data: found.data.join("\n") };
}

/**
 * Dispatches "delivery" and "endpoint" with what changed as `detail`; "state" when the connection did;
 * "resumed" when it is back after a gap, in which something may have been missed.
 */
export class Live extends EventTarget {
  state = "connecting";
  #api;
  #failures = 0;
  #wake = () => {};
  #connected = false;

  constructor(api) {
    super();
    this.#api = api;
  }

  /** Listen until `signal` is aborted. */
  async start(signal) {
    addEventListener("online", () => this.#wake(), { signal });
    while (!signal.aborted) {
      try {
        await this.#listen(signal);
      } catch (error) {
        if (signal.aborted || error.status === 401) return;
      }
      this.#become("offline");
      await this.#pause();
    }
  }

  async #listen(signal) {
    const silence = new AbortController();
    const either = AbortSignal.any([signal, silence.signal]);
    let timer = setTimeout(() => silence.abort(), SILENCE);
    try {
      const response = await this.#api.stream(either);
      const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader();
      this.#open();
      const reader = new EventReader();
      for (let piece = await pieces.read(); !piece.done; piece = await pieces.read()) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE);
        reader.read(piece.value).forEach((event) => this.#tell(event.event, JSON.parse(event.data)));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #open() {
    this.#failures = 0;
    this.#become("live");
    if (this.#connected) this.#tell("resumed");
    this.#connected = true;
  }

  #pause() {
    const longest = Math.min(FIRST_WAIT * 2 ** this.#failures++, LONGEST_WAIT);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, longest * (0.5 + Math.random() / 2));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.#tell("state");
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
