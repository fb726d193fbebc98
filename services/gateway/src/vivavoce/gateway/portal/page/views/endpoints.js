// All endpoints of the organization: how each one fares, and the way to add another.

import { fill, h } from "../dom.js";
import { count, explain, healthOf, several } from "../format.js";
import { actionButton, badge, empty, time } from "../parts.js";
import { href } from "../router.js";
import { addEndpoint } from "./endpoint-form.js";

export async function endpointsView({ api, live, signal }) {
  const endpoints = new Map();
  const list = h("div");
  const more = h("div.more");
  const actions = h("div.actions");
  const add = actionButton("Add endpoint", () => addEndpoint(api), ".primary");
  let cursor;

  const show = () => {
    fill(list, endpoints.size ? overview([...endpoints.values()], cursor) : nothing(add));
    if (endpoints.size) fill(actions, add);
  };
  const load = async () => {
    const page = await api.endpoints(cursor);
    for (const each of page.webhooks) endpoints.set(each.id, each);
    cursor = page.nextCursor;
    fill(more, cursor && actionButton("Load more", load));
    keepFocus(list, show);
  };
  const hear = ({ detail }) => {
    endpoints.set(detail.id, detail);
    keepFocus(list, show);
  };
  const again = () => {
    endpoints.clear();
    cursor = undefined;
    return load().catch(() => {}); // the next news or visit shows them
  };
  live.addEventListener("endpoint", hear, { signal });
  live.addEventListener("resumed", again, { signal });
  await load();
  return { title: "Endpoints", actions, nodes: [list, more] };
}

/** Redraw without taking the focus from whoever is in the midst of the list. */
function keepFocus(list, draw) {
  const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  draw();
  if (focused) list.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
}

function nothing(button) {
  const words =
    "An endpoint is an address of yours that is called whenever something happens: a score is ready, an " +
    "interview has ended. Add one, send it a test, and see here what it answered.";
  return empty("No endpoints yet", words, button);
}

function overview(endpoints, cursor) {
  const troubled = endpoints.filter((each) => !each.active || each.health !== "healthy").length;
  const shown = cursor
    ? `The first ${several(endpoints.length, "endpoint", "endpoints")}`
    : several(endpoints.length, "endpoint", "endpoints");
  return [
    h("p.lead", {}, `${shown}, ${troubled || "none"} in need of attention.`),
    h("ul.cards", {}, endpoints.map(card)),
  ];
}

function card(endpoint) {
  const why = explain(endpoint);
  const link = h("a.cover", { href: href(`/endpoints/${endpoint.id}`) }, endpoint.url);
  return h(
    "li.card",
    {},
    h(
      "div.card-main",
      {},
      h("div.card-title", {}, badge(healthOf(endpoint)), link),
      endpoint.description && h("p.card-words", {}, endpoint.description),
      why && h("p", {}, why),
      eventChips(endpoint.events),
    ),
    h("div.card-side", {}, numbers(endpoint.deliveries), h("p.card-foot", {}, last(endpoint.deliveries))),
  );
}

function last({ lastDeliveryAt }) {
  return lastDeliveryAt ? ["Last delivery ", time(lastDeliveryAt)] : "Nothing sent yet";
}

export function eventChips(events) {
  return h(
    "ul.chips",
    { "aria-label": "Events" },
    events.map((event) => h("li", {}, event)),
  );
}

/** How many deliveries there are of each kind. */
export function numbers({ delivered, failed, pending }) {
  const pairs = [
    ["Delivered", delivered],
    ["Failed", failed],
    ["Pending", pending],
  ];
  return h(
    "dl.numbers",
    {},
    pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, count(value)))),
  );
}
