// The REST API as the page uses it; whatever goes wrong becomes one kind of error.

const ROOT = new URL("../../api/webhooks", import.meta.url);
const UNREACHABLE = "The server can't be reached. Check your connection and try again.";

/** What the API refused: a sentence, the fields that are wrong, and the id to ask about. */
export class Problem extends Error {
  constructor(status, body, correlationId) {
    super(body.error || `The server answered ${status}.`);
    this.status = status;
    this.fields = body.fields || [];
    this.correlationId = body.correlationId || correlationId || "";
  }
}

/** The address of a path below /api/webhooks, with those parameters that have a value. */
function address(path, query = {}) {
  const url = new URL(ROOT.pathname + path, ROOT);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") url.searchParams.set(name, value);
  }
  return url;
}

const id = encodeURIComponent;

/** Calls with the link's token; `ended` is told when it no longer holds. */
export class Api {
  #token;
  #ended;

  constructor(token, ended) {
    this.#token = token;
    this.#ended = ended;
  }

  endpoints = (cursor) => this.#json("GET", "", { query: { cursor } });
  endpoint = (endpoint) => this.#json("GET", `/${id(endpoint)}`);
  register = (body) => this.#json("POST", "/register", { body });
  change = (endpoint, body) => this.#json("PATCH", `/${id(endpoint)}`, { body });
  remove = (endpoint) => this.#json("DELETE", `/${id(endpoint)}`);
  enable = (endpoint, recover) => this.#json("POST", `/${id(endpoint)}/enable`, { body: { recover } });
  disable = (endpoint) => this.#json("POST", `/${id(endpoint)}/disable`);
  verify = (endpoint) => this.#json("POST", `/${id(endpoint)}/verify`);
  rotate = (endpoint, keepOldSeconds) =>
    this.#json("POST", `/${id(endpoint)}/rotate-secret`, { body: { keepOldSeconds } });
  test = (endpoint, event) => this.#json("POST", `/${id(endpoint)}/test`, { body: { event } });
  replay = (endpoint, body) => this.#json("POST", `/${id(endpoint)}/replay`, { body });
  replayState = (endpoint, replay) => this.#json("GET", `/${id(endpoint)}/replays/${id(replay)}`);
  deliveries = (query) => this.#json("GET", "/deliveries", { query });
  delivery = (delivery) => this.#json("GET", `/deliveries/${id(delivery)}`);
  replayDelivery = (delivery) => this.#json("POST", `/deliveries/${id(delivery)}/replay`);
  attempts = (query) => this.#json("GET", "/attempts", { query });

  /** What can be subscribed to: `[{type, description, schema, example}]`, asked for once. */
  eventTypes() {
    this.types ||= this.#json("GET", "/event-types");
    this.types.catch(() => (this.types = null));
    return this.types;
  }

  /** The open response of the event stream. */
  stream(signal) {
    return this.#fetch("GET", "/stream", { signal });
  }

  async #json(method, path, options) {
    const response = await this.#fetch(method, path, options);
    return response.status === 204 ? null : response.json();
  }

  async #fetch(method, path, { query, body, signal } = {}) {
    const headers = { Authorization: `Bearer ${this.#token}`, Accept: "application/json, text/event-stream" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const init = {
      method,
      headers,
      signal,
      body: body && JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
    };
    let response;
    try {
      response = await fetch(address(path, query), init);
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Problem(0, { error: UNREACHABLE });
    }
    if (response.ok) return response;
    if (response.status === 401) this.#ended();
    const told = await response.json().catch(() => ({}));
    throw new Problem(response.status, told, response.headers.get("x-correlation-id"));
  }
}
