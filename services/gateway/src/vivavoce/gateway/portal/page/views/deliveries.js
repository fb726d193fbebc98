// All deliveries of the organization, by status, event, endpoint and time; the choice stays in the address.

import { deliveryList } from "../delivery-list.js";
import { fill, h } from "../dom.js";
import { isoOf, localOf, STATUS } from "../format.js";
import { field, problemBox, select } from "../parts.js";
import { href } from "../router.js";

const ANY = ["", "Any"];
const NAMES = ["webhookId", "status", "event", "since", "until"];

export async function deliveriesView({ api, live, query, signal, router }) {
  const [listed, types] = await Promise.all([choices(api, query.webhookId), api.eventTypes()]);
  const endpoints = new Map(listed.map(({ id, url }) => [id, url]));
  const place = h("div");
  let showing = new AbortController();
  const show = async (filter) => {
    showing.abort();
    showing = new AbortController();
    const either = AbortSignal.any([signal, showing.signal]);
    place.setAttribute("aria-busy", "true");
    const list = await deliveryList({ api, live, signal: either }, filter, { endpoints }).catch((error) =>
      problemBox(error),
    );
    if (either.aborted) return;
    fill(place, list);
    place.removeAttribute("aria-busy");
  };
  const form = filters(query, listed, types);
  const choose = () => {
    const filter = chosen(form);
    router.note(href("/deliveries", filter));
    return show(filter);
  };
  form.addEventListener("change", choose);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(choose));
  await show(chosen(form));
  return { title: "Deliveries", nodes: [form, place] };
}

/** The endpoints to choose from: the first page of them, and the one that is chosen already. */
async function choices(api, chosenId) {
  const { webhooks } = await api.endpoints();
  if (!chosenId || webhooks.some(({ id }) => id === chosenId)) return webhooks;
  const chosen = await api.endpoint(chosenId).catch(() => ({ id: chosenId, url: chosenId }));
  return [...webhooks, chosen];
}

function filters(query, endpoints, types) {
  const moment = (name) =>
    h("input", { type: "datetime-local", name, value: query[name] && localOf(new Date(query[name])) });
  const statuses = Object.entries(STATUS).map(([value, { word }]) => [value, word]);
  const form = h(
    "form.filters",
    { role: "search", "aria-label": "Filter deliveries" },
    field("Endpoint", select("webhookId", [ANY, ...endpoints.map(({ id, url }) => [id, url])])),
    field("Status", select("status", [ANY, ...statuses])),
    field("Event", select("event", [ANY, ...types.map(({ type }) => [type, type])])),
    field("From", moment("since")),
    field("To", moment("until")),
    h("button.quiet", { type: "reset" }, "Clear"),
  );
  for (const name of ["webhookId", "status", "event"]) form.elements[name].value = query[name] || "";
  return form;
}

function chosen(form) {
  const data = new FormData(form);
  const given = NAMES.map((name) => [name, data.get(name)]).filter(([, value]) => value);
  return Object.fromEntries(
    given.map(([name, value]) => [name, name === "since" || name === "until" ? isoOf(value) : value]),
  );
}
