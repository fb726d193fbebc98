// What can be done with an endpoint, each in its dialog.

import { confirmFirst, openForm, showSecret } from "../dialogs.js";
import { fill, h } from "../dom.js";
import { isoOf, localOf, several } from "../format.js";
import { choice, code, field, say, select } from "../parts.js";

const DAY = 86_400; // seconds
const KEEP = [
  ["0", "Not at all: it ends at once"],
  ["3600", "One hour"],
  [`${DAY}`, "One day"],
  [`${3 * DAY}`, "Three days"],
  [`${7 * DAY}`, "Seven days"],
];
const LOOK_AGAIN = 1000; // milliseconds

/** Send an example of an event, after a look at what will be sent. */
export async function sendTest(api, endpoint) {
  const types = await api.eventTypes();
  const event = select(
    "event",
    types.map(({ type }) => [type, type]),
    endpoint.events[0],
  );
  const about = h("p.hint");
  const preview = h("div");
  const show = () => {
    const type = types.find((each) => each.type === event.value);
    fill(about, type.description);
    fill(preview, code(exampleOf(type), `Payload of ${type.type}`));
  };
  event.addEventListener("change", show);
  show();
  const delivery = await openForm("Send test", {
    content: [field("Event", event), about, h("p.label", {}, "What will be sent"), preview],
    confirm: "Send test",
    submit: () => api.test(endpoint.id, event.value),
  });
  if (delivery) say("Test is on its way.");
  return delivery;
}

function exampleOf({ type, example }) {
  return { type, timestamp: new Date().toISOString(), data: example };
}

/** Send again what happened since a time; tells how much that is once it is known. */
export async function replay(api, endpoint, signal) {
  const yesterday = localOf(new Date(Date.now() - DAY * 1000));
  const moment = (name, value) => h("input", { type: "datetime-local", name, value, "data-path": name });
  const started = await openForm("Replay events", {
    content: [
      field("Since", moment("since", yesterday), "In your time zone."),
      field("Until", moment("until", ""), "Empty means now."),
      h(
        "fieldset.field",
        {},
        h("legend", {}, "Which"),
        choice("radio", "which", "missing", "Only what is missing", {
          checked: true,
          hint: "What the endpoint never accepted.",
        }),
        choice("radio", "which", "all", "Everything", {
          hint: "Also what it has accepted, under the same ids.",
        }),
      ),
    ],
    confirm: "Replay",
    submit: (form) => api.replay(endpoint.id, replayOf(new FormData(form))),
  });
  if (started) await follow(api, endpoint, started, signal);
}

function replayOf(data) {
  return {
    since: isoOf(data.get("since")),
    until: isoOf(data.get("until")),
    missingOnly: data.get("which") === "missing",
  };
}

async function follow(api, endpoint, started, signal) {
  let found = started;
  say("Replay has begun.");
  while (found.state === "running" && !signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
    found = await api.replayState(endpoint.id, found.id);
  }
  if (found.state === "running") return; // nobody looks any more
  const queued = several(found.queued, "delivery is", "deliveries are");
  say(found.queued ? `${queued} sent again.` : "There was nothing to send again in that time.");
}

/** Replace the secret, and show the new one once. */
export async function rotateSecret(api, endpoint) {
  const keep = h(
    "select",
    { name: "keep", "data-path": "keepOldSeconds" },
    KEEP.map(([value, words]) => h("option", { value, selected: value === `${DAY}` }, words)),
  );
  const rotated = await openForm("Rotate secret", {
    content: [
      h(
        "p",
        {},
        "A new secret is made. For a while deliveries are signed with both, so that you can change over.",
      ),
      field("The old secret stays valid", keep),
    ],
    confirm: "Rotate secret",
    submit: () => api.rotate(endpoint.id, Number(keep.value)),
  });
  if (rotated) await showSecret("Your new secret", rotated.secret);
  return rotated;
}

/** Let it get events again, and by choice what it has missed. */
export function enable(api, endpoint) {
  const recover = choice("checkbox", "recover", "yes", "Also send what it missed", {
    checked: true,
    hint: "Everything since it was disabled or began to fail.",
  });
  return openForm("Enable endpoint", {
    content: [h("p", {}, endpoint.url), recover],
    confirm: "Enable",
    submit: (form) => api.enable(endpoint.id, new FormData(form).has("recover")),
  });
}

export function disable(api, endpoint) {
  const words =
    "Nothing is sent until you enable it again. What happens meanwhile is kept and can be sent then.";
  return confirmFirst("Disable endpoint?", words, "Disable", () => api.disable(endpoint.id));
}

export function remove(api, endpoint) {
  const words = [
    h("code", {}, endpoint.url),
    " is forgotten, and what still waits for it is given up. This can't be undone.",
  ];
  return confirmFirst("Delete endpoint?", words, "Delete endpoint", () => api.remove(endpoint.id), true);
}
