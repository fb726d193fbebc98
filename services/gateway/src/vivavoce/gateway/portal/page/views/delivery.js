// One delivery: where it stands, what was sent, and every attempt with what came back.

import { fill, h } from "../dom.js";
import { outlook, STATUS } from "../format.js";
import { actionButton, badge, code, facts, problemBox, say, section, time } from "../parts.js";
import { href } from "../router.js";
import { attemptList } from "./attempts.js";

export async function deliveryView({ api, live, params, signal }) {
  const [id] = params;
  let delivery = await api.delivery(id);
  const endpoint = await api.endpoint(delivery.webhookId).catch(() => null);
  const state = h("div");
  const tries = h("div");
  const draw = () => fill(state, standing(delivery, endpoint));
  const loadTries = () => attemptList(api, id, tries).catch((error) => fill(tries, problemBox(error)));
  const change = (changed) => {
    delivery = { ...delivery, ...changed };
    draw();
    return loadTries();
  };
  const again = actionButton(
    "Replay",
    async () => {
      await change(await api.replayDelivery(id));
      say("It is sent again.");
    },
    ".primary",
  );
  live.addEventListener("delivery", ({ detail }) => detail.id === id && change(detail), { signal });
  live.addEventListener("resumed", () => api.delivery(id).then(change, () => {}), { signal });
  draw();
  await loadTries();
  return {
    title: delivery.event,
    crumb: h("p.crumb", {}, h("a", { href: "#/deliveries" }, "Deliveries")),
    actions: again,
    nodes: [
      state,
      section(
        "Payload",
        delivery.payload
          ? code(delivery.payload, "Payload as JSON")
          : h("p.faint", {}, "It is no longer kept."),
      ),
      section("Attempts", tries),
    ],
  };
}

function standing(delivery, endpoint) {
  const link = h(
    "a",
    { href: href(`/endpoints/${delivery.webhookId}`) },
    endpoint ? endpoint.url : delivery.webhookId,
  );
  return section(
    "Delivery",
    h(
      "p.standing",
      { "aria-live": "polite" },
      badge(STATUS[delivery.status]),
      h("span", {}, outlook(delivery)),
    ),
    facts([
      ["Endpoint", endpoint ? link : "deleted"],
      ["Created", time(delivery.createdAt)],
      ["Last change", time(delivery.updatedAt)],
      ["webhook-id", h("code", {}, delivery.eventId)],
    ]),
  );
}
