// The form of an endpoint, for a new one and for changes.

import { openForm, showSecret } from "../dialogs.js";
import { h } from "../dom.js";
import { Problem } from "../api.js";
import { choice, field, say } from "../parts.js";

/** Ask for a new endpoint, show its secret once, and go to it. */
export async function addEndpoint(api) {
  const types = await api.eventTypes();
  const made = await openForm("Add endpoint", {
    content: controls({ url: "https://", events: [] }, types),
    confirm: "Add endpoint",
    submit: (form) => api.register(bodyOf(form)),
  });
  if (!made) return;
  await showSecret("Your endpoint's secret", made.secret);
  say("Endpoint added.");
  location.hash = `#/endpoints/${encodeURIComponent(made.id)}`;
}

/** Ask for changes of an endpoint; gives it as it is then, or undefined. */
export async function editEndpoint(api, endpoint) {
  const types = await api.eventTypes();
  return openForm("Edit endpoint", {
    content: controls(endpoint, types),
    confirm: "Save changes",
    submit: (form) => api.change(endpoint.id, bodyOf(form)),
  });
}

function controls(endpoint, types) {
  const filter = endpoint.filter ? JSON.stringify(endpoint.filter, null, 2) : "";
  const text = (name, value, more = {}) =>
    h("input", { name, value, "data-path": name, autocomplete: "off", ...more });
  return [
    field(
      "URL",
      text("url", endpoint.url, { type: "url", inputmode: "url", maxlength: 2048 }),
      "Where events are sent, by POST.",
    ),
    field(
      "Description",
      text("description", endpoint.description || "", { type: "text" }),
      "For yourself. May be empty.",
    ),
    eventChoices(types, endpoint.events),
    field(
      "Filter",
      h("textarea", { name: "filter", rows: 4, spellcheck: "false", "data-path": "filter" }, filter),
      'JSON: paths in an event\'s data and what they must be, e.g. {"overall": {"gte": 70}}. Empty lets all through.',
    ),
    field(
      "Rate limit",
      text("rateLimit", endpoint.rateLimit ?? "", { type: "number", min: "0", step: "any" }),
      "Attempts per second at most. Empty for no limit of its own.",
    ),
    choice("checkbox", "ordered", "yes", "Keep the order", {
      checked: endpoint.ordered,
      hint: "Events of one interview come one after the other; one that fails holds back those behind it.",
    }),
  ];
}

function eventChoices(types, chosen) {
  const boxes = types.map(({ type, description }) =>
    choice("checkbox", "events", type, type, { checked: chosen.includes(type), hint: description }),
  );
  const legend = h("legend", {}, "Events");
  return h("fieldset.field", { "data-path": "events", tabindex: "-1" }, legend, boxes, h("p.wrong", {}));
}

function bodyOf(form) {
  const data = new FormData(form);
  const limit = data.get("rateLimit");
  return {
    url: data.get("url").trim(),
    description: data.get("description").trim(),
    events: data.getAll("events"),
    filter: filterOf(data.get("filter").trim()),
    rateLimit: limit === "" ? null : Number(limit),
    ordered: data.has("ordered"),
  };
}

function filterOf(text) {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem(400, {
      error: "The filter isn't JSON.",
      fields: [{ path: "filter", message: error.message }],
    });
  }
}
