// Which view the address's fragment names, and that only one of them lives at a time.

import { fill, h } from "./dom.js";
import { problemBox } from "./parts.js";
import { isLink } from "./session.js";

/** The place that a fragment names: its path and its query. */
function place() {
  const [path, query = ""] = location.hash.slice(1).split("?");
  return { path: path || "/endpoints", query: Object.fromEntries(new URLSearchParams(query)) };
}

/** The fragment of a path with those parameters that have a value. */
export function href(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value);
  return `#${path}${given.length ? `?${new URLSearchParams(given)}` : ""}`;
}

/** Shows the view of the current place in `main`; `routes` are pairs of a pattern and a view. */
export class Router {
  #routes;
  #context;
  #main;
  #leaving = new AbortController();
  #shown = false;

  constructor(routes, context, main) {
    this.#routes = routes;
    this.#context = context;
    this.#main = main;
  }

  /** Follow the address until `signal` is aborted. */
  start(signal) {
    addEventListener("hashchange", () => (isLink(location.hash) ? location.reload() : this.#show()), {
      signal,
    });
    signal.addEventListener("abort", () => this.#leaving.abort());
    this.#show();
  }

  /** Keep the place in the address without showing it anew. */
  note(fragment) {
    history.replaceState(null, "", fragment);
  }

  async #show() {
    const { path, query } = place();
    this.#leaving.abort();
    const leaving = (this.#leaving = new AbortController());
    const [view, params] = this.#find(path);
    this.#mark(path);
    this.#main.setAttribute("aria-busy", "true");
    const page = { ...this.#context, query, params, signal: leaving.signal, router: this };
    const content = await view(page).catch((error) => ({
      title: "Something went wrong",
      nodes: [problemBox(error), h("button", { onclick: () => this.#show() }, "Try again")],
    }));
    if (!leaving.signal.aborted) this.#display(content);
  }

  #display({ title, crumb, nodes, actions }) {
    document.title = `${title} · Webhooks`;
    const heading = h("h1", { tabindex: "-1" }, title);
    const head = h(
      "div.head",
      {},
      h("div.head-words", {}, crumb, heading),
      actions && h("div.actions", {}, actions),
    );
    fill(this.#main, head, nodes);
    this.#main.removeAttribute("aria-busy");
    if (this.#shown) {
      scrollTo(0, 0);
      heading.focus({ preventScroll: true });
    }
    this.#shown = true;
  }

  #find(path) {
    for (const [pattern, view] of this.#routes) {
      const found = pattern.exec(path);
      if (found) return [view, found.slice(1).map(decodeURIComponent)];
    }
    return [nothingHere, []];
  }

  #mark(path) {
    for (const link of document.querySelectorAll("#nav a")) {
      const current = path.startsWith(link.hash.slice(1));
      if (current) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }
}

async function nothingHere() {
  const link = h("a", { href: "#/endpoints" }, "See your endpoints");
  return { title: "There is nothing here", nodes: [h("p", {}, link, " instead.")] };
}
