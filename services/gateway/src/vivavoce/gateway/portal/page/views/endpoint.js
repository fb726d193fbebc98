// One endpoint: how it fares, how it is set up, what was sent to it last, and all that can be done with it.

import { fill, h } from "../dom.js";
import { explain, healthOf, sentence, several } from "../format.js";
import { actionButton, badge, code, facts, say, section, time } from "../parts.js";
import { href } from "../router.js";
import { deliveryList } from "../delivery-list.js";
import { disable, enable, remove, replay, rotateSecret, sendTest } from "./actions.js";
import { editEndpoint } from "./endpoint-form.js";
import { eventChips, numbers } from "./endpoints.js";

const RECENT = 10;

export async function endpointView({ api, live, params, signal }) {
  const [id] = params;
  let endpoint = await api.endpoint(id);
  const state = h("div.pair");
  const show = (changed) => {
    endpoint = { ...endpoint, ...changed };
    fill(state, standing(endpoint), setup(endpoint));
    [on.hidden, off.hidden] = [endpoint.active, !endpoint.active];
  };
  const after = (act, words) => async () => {
    const changed = await act();
    if (!changed) return;
    show(changed);
    if (words) say(words);
  };
  const on = actionButton(
    "Enable",
    after(() => enable(api, endpoint), "Endpoint enabled."),
  );
  const off = actionButton(
    "Disable",
    after(() => disable(api, endpoint), "Endpoint disabled."),
  );
  const buttons = [
    actionButton("Send test", () => sendTest(api, endpoint), ".primary"),
    actionButton("Replay", () => replay(api, endpoint, signal)),
    actionButton(
      "Edit",
      after(() => editEndpoint(api, endpoint), "Changes saved."),
    ),
    actionButton(
      "Rotate secret",
      after(async () => withoutSecret(await rotateSecret(api, endpoint)), "Secret rotated."),
    ),
    on,
    off,
    actionButton(
      "Verify",
      after(() => api.verify(id).then(tellProof)),
    ),
    actionButton("Delete", async () => (await remove(api, endpoint)) && leave(), ".danger-quiet"),
  ];
  live.addEventListener("endpoint", ({ detail }) => detail.id === id && show(detail), { signal });
  live.addEventListener("resumed", () => api.endpoint(id).then(show, () => {}), { signal });
  show({});
  const list = await deliveryList({ api, live, signal }, { webhookId: id }, { limit: RECENT });
  const all = h("a", { href: href("/deliveries", { webhookId: id }) }, "All deliveries with filters");
  return {
    title: endpoint.url,
    crumb: h("p.crumb", {}, h("a", { href: "#/endpoints" }, "Endpoints")),
    nodes: [h("div.actions", {}, buttons), state, section("Recent deliveries", list, h("p", {}, all))],
  };
}

function withoutSecret(rotated) {
  if (!rotated) return undefined;
  const { secret: _, ...endpoint } = rotated;
  return endpoint;
}

function tellProof(endpoint) {
  say(
    endpoint.active
      ? "The endpoint is verified."
      : `Not verified: ${endpoint.disabledDetail || "it gave no proof"}.`,
  );
  return endpoint;
}

function leave() {
  say("Endpoint deleted.");
  location.hash = "#/endpoints";
}

function standing(endpoint) {
  const { lastDeliveryAt, lastStatus, lastError } = endpoint.deliveries;
  const why = explain(endpoint);
  return section(
    "Health",
    h("p.standing", {}, badge(healthOf(endpoint)), why && h("span", {}, why)),
    numbers(endpoint.deliveries),
    facts([
      ["Last delivery", time(lastDeliveryAt)],
      ["Last answer", lastError ? sentence(lastError) : lastStatus || "none yet"],
      ["Failing since", endpoint.failingSince && time(endpoint.failingSince)],
      ["Disabled", endpoint.disabledAt && time(endpoint.disabledAt)],
    ]),
  );
}

function setup(endpoint) {
  const delays = endpoint.retryDelays;
  return section(
    "Setup",
    facts([
      ["Description", endpoint.description],
      ["Events", eventChips(endpoint.events)],
      ["Order", endpoint.ordered ? "kept for each interview" : "as they come"],
      ["Rate limit", endpoint.rateLimit ? `${endpoint.rateLimit} per second` : "none of its own"],
      ["Retries", delays ? several(delays.length, "further try", "further tries") : "the usual schedule"],
      ["Added", time(endpoint.createdAt)],
      ["Changed", endpoint.updatedAt && time(endpoint.updatedAt)],
      ["Id", h("code", {}, endpoint.id)],
    ]),
    endpoint.filter && [h("h3", {}, "Filter"), code(endpoint.filter, "Filter")],
    endpoint.signingKeys?.length > 0 && keys(endpoint.signingKeys),
  );
}

function keys(signingKeys) {
  const rows = signingKeys.map((key) =>
    h(
      "li",
      {},
      h("code", {}, key.publicKey),
      h("span.faint", {}, " since ", time(key.since), key.until && [", until ", time(key.until)]),
    ),
  );
  return [h("h3", {}, "Public signing keys (Ed25519)"), h("ul.keys", {}, rows)];
}
