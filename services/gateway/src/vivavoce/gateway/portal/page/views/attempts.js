// The attempts of a delivery: what was sent and what came back, folded but for the newest.

import { fill, h } from "../dom.js";
import { duration, sentence } from "../format.js";
import { actionButton, badge, code, empty, facts, time } from "../parts.js";

const TRIGGERS = { schedule: "by schedule", replay: "replay", test: "test" };

/** Fill `place` with the attempts of a delivery, newest first; those that were unfolded stay so. */
export async function attemptList(api, deliveryId, place) {
  const open = new Set([...place.querySelectorAll("details[open]")].map((each) => each.dataset.id));
  const first = place.childElementCount === 0;
  const list = h("div.attempts");
  const more = h("div.more");
  let cursor;
  const load = async () => {
    const page = await api.attempts({ deliveryId, cursor });
    page.attempts.forEach((attempt, index) => {
      list.append(item(attempt, open.has(attempt.id) || (first && !cursor && index === 0)));
    });
    cursor = page.nextCursor;
    fill(more, cursor && actionButton("Load more", load));
  };
  await load();
  if (list.childElementCount) fill(place, list, more);
  else fill(place, empty("No attempts yet", "The first one shows here as soon as it is made."));
}

function item(attempt, open) {
  const accepted = attempt.status >= 200 && attempt.status < 300;
  const word = attempt.status ? String(attempt.status) : "No answer";
  return h(
    "details.attempt",
    { open, "data-id": attempt.id },
    h(
      "summary",
      {},
      badge({ word, tone: accepted ? "good" : "bad" }),
      time(attempt.at),
      h("span.faint", {}, `${duration(attempt.duration)}, ${TRIGGERS[attempt.trigger] || attempt.trigger}`),
    ),
    h(
      "div.attempt-body",
      {},
      attempt.error && h("p.attempt-error", {}, sentence(attempt.error)),
      request(attempt),
      response(attempt),
    ),
  );
}

function request(attempt) {
  return h(
    "div",
    {},
    h("h3", {}, "Request"),
    h("p", {}, h("code", {}, `POST ${attempt.url}`)),
    headers(attempt.requestHeaders),
  );
}

function response(attempt) {
  if (!attempt.status) return h("div", {}, h("h3", {}, "Response"), h("p.faint", {}, "None came."));
  const body = attempt.responseBody
    ? code(attempt.responseBody, "Response body")
    : h("p.faint", {}, "The body was empty.");
  const cut = attempt.responseCut && h("p.hint", {}, "Only its beginning is kept.");
  return h("div", {}, h("h3", {}, "Response"), headers(attempt.responseHeaders), body, cut);
}

function headers(given) {
  const rows = Object.entries(given || {}).map(([name, value]) => [name, h("code", {}, value)]);
  return rows.length > 0 && facts(rows);
}
