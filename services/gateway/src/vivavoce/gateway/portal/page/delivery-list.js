// A list of deliveries that goes on by pages and follows what happens.

import { fill, h } from "./dom.js";
import { outlook, several, STATUS } from "./format.js";
import { actionButton, badge, empty, say, time } from "./parts.js";
import { href } from "./router.js";

const COLUMNS = ["Status", "Event", "Outcome", "Attempts", "Created"];
const ANNOUNCE_AFTER = 1000; // milliseconds in which news are told together

/**
 * The deliveries that fit `filter` (`webhookId`, `status`, `event`, `since`, `until`), newest first.
 * News appear at the top and are announced; a row that is shown stays, whatever becomes of it.
 */
export async function deliveryList({ api, live, signal }, filter, { limit = 50, endpoints } = {}) {
  const rows = new Map();
  const body = h("tbody", { role: "rowgroup" });
  const more = h("div.more");
  const place = h("div");
  const announce = announcer();
  let cursor;

  const put = (delivery, atTop) => {
    const row = rowOf(delivery, endpoints);
    const old = rows.get(delivery.id);
    rows.set(delivery.id, row);
    if (old) swap(old, row);
    else if (atTop) body.prepend(row);
    else body.append(row);
    return row;
  };
  const goOn = (next) => {
    cursor = next;
    fill(more, cursor && actionButton("Load more", load));
  };
  const startOver = (next) => {
    rows.clear();
    fill(body);
    goOn(next);
  };
  const load = async () => {
    const page = await api.deliveries({ ...filter, cursor, limit });
    for (const delivery of page.deliveries) put(delivery, false);
    goOn(page.nextCursor);
    show();
  };
  const show = () => fill(place, rows.size ? [table(body), more] : nothing(filter));
  const hear = ({ detail }) => {
    const known = rows.has(detail.id);
    if (!known && !fits(detail, filter)) return;
    put(detail, true).classList.add("fresh");
    if (!known) announce();
    if (rows.size === 1) show();
  };
  const catchUp = async () => {
    const page = await api.deliveries({ ...filter, limit }).catch(() => null);
    if (!page) return;
    if (!page.deliveries.some(({ id }) => rows.has(id))) startOver(page.nextCursor); // else there'd be a gap
    for (const delivery of page.deliveries.reverse()) put(delivery, true);
    show();
  };
  live.addEventListener("delivery", hear, { signal });
  live.addEventListener("resumed", catchUp, { signal });
  await load();
  return place;
}

/** Whether a delivery is one of those that are asked for. */
function fits(delivery, { webhookId, status, event, since, until }) {
  const created = new Date(delivery.createdAt);
  return (
    (!webhookId || delivery.webhookId === webhookId) &&
    (!status || delivery.status === status) &&
    (!event || delivery.event === event) &&
    (!since || created >= new Date(since)) &&
    (!until || created < new Date(until))
  );
}

/** Tells how many have come, once for those that come together. */
function announcer() {
  let waiting = 0;
  return () => {
    waiting += 1;
    if (waiting > 1) return;
    setTimeout(() => {
      say(several(waiting, "new delivery", "new deliveries"));
      waiting = 0;
    }, ANNOUNCE_AFTER);
  };
}

function swap(old, row) {
  const focused = old.contains(document.activeElement);
  old.replaceWith(row);
  if (focused) row.querySelector("a").focus();
}

function nothing(filter) {
  const chosen = Object.entries(filter).some(([name, value]) => name !== "webhookId" && value);
  return chosen
    ? empty("Nothing fits this filter", "Choose another time, status or event to see more.")
    : empty(
        "No deliveries yet",
        "They appear here by themselves as soon as something happens. Send a test to see one now.",
      );
}

// Roles are named because a narrow screen shows the table's rows as cards, and then they would be lost.
function table(body) {
  const heads = COLUMNS.map((name) => h("th", { scope: "col", role: "columnheader" }, name));
  const head = h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads));
  return h("table.deliveries", { role: "table", "aria-label": "Deliveries" }, head, body);
}

function rowOf(delivery, endpoints) {
  const link = h("a.cover", { href: href(`/deliveries/${delivery.id}`) }, delivery.event);
  const url = endpoints && (endpoints.get(delivery.webhookId) || delivery.webhookId);
  const cell = (name, ...content) => h(`td.${name}`, { role: "cell" }, content);
  return h(
    "tr",
    { role: "row", "data-id": delivery.id },
    cell("status", badge(STATUS[delivery.status])),
    cell("event", link, url && h("span.faint.url", { title: url }, url)),
    cell("outcome", outlook(delivery)),
    cell(
      "tries",
      delivery.attempts,
      h("span.narrow-only", {}, delivery.attempts === 1 ? " attempt" : " attempts"),
    ),
    cell("created", time(delivery.createdAt)),
  );
}
