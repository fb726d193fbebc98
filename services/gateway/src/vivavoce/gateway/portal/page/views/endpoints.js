// All endpoints of the organization: how each one fares, and the way to add another.

import { fill, h } from "../dom.js";
import { count, explain, healthOf, several } from "../format.js";
import { badge, empty, time } from "../parts.js";
import { href } from "../router.js";
import { addEndpoint } from "./endpoint-form.js";

export async function endpointsView({ api, live, signal }) {
  const endpoints = new Map((await api.allEndpoints()).map((each) => [each.id, each]));
  const list = h("div");
  const add = () => addEndpoint(api);
  const button = (kind) => h(`button${kind}`, { type: "button", onclick: add }, "Add endpoint");
  const show = () => fill(list, endpoints.size ? overview([...endpoints.values()]) : nothing(button(".primary")));
  live.addEventListener(
    "endpoint",
    ({ detail }) => {
      endpoints.set(detail.id, detail);
      keepFocus(list, show);
    },
    { signal },
  );
  live.addEventListener(
    "resumed",
    async () => {
      const found = await api.allEndpoints().catch(() => []);
      for (const each of found) endpoints.set(each.id, each);
      keepFocus(list, show);
    },
    { signal },
  );
  show();
  return { title: "Endpoints", actions: endpoints.size ? button(".primary") : null, nodes: list };
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

function overview(endpoints) {
  const troubled = endpoints.filter((each) => !each.active || each.health !== "healthy").length;
  const words = `${several(endpoints.length, "endpoint", "endpoints")}, ${troubled || "none"} in need of attention.`;
  return [h("p.lead", {}, words), h("ul.cards", {}, endpoints.map(card))];
}

function card(endpoint) {
  const { delivered, failed, pending, lastDeliveryAt } = endpoint.deliveries;
  const why = explain(endpoint);
  return h(
    "li.card",
    {},
    h(
      "div.card-main",
      {},
      h("div.card-title", {}, badge(healthOf(endpoint)), h("a.cover", { href: href(`/endpoints/${endpoint.id}`) }, endpoint.url)),
      endpoint.description && h("p.card-words", {}, endpoint.description),
      why && h("p", {}, why),
      eventChips(endpoint.events),
    ),
    h(
      "div.card-side",
      {},
      h("dl.numbers", {}, number("Delivered", delivered), number("Failed", failed), number("Pending", pending)),
      h("p.card-foot", {}, lastDeliveryAt ? ["Last delivery ", time(lastDeliveryAt)] : "Nothing sent yet"),
    ),
  );
}

export function eventChips(events) {
  return h("ul.chips", { "aria-label": "Events" }, events.map((event) => h("li", {}, event)));
}

export function number(name, value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, count(value)));
}
