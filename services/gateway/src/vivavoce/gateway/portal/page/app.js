// The page's beginning: whoever came by a link gets the portal, everyone else is told how to get in.

import { Api } from "./api.js";
import { fill, h } from "./dom.js";
import { Live } from "./live.js";
import { time } from "./parts.js";
import { Router } from "./router.js";
import { at, claimsOf, endOf, forgetToken, isLink, takeToken } from "./session.js";
import { deliveriesView } from "./views/deliveries.js";
import { deliveryView } from "./views/delivery.js";
import { endpointView } from "./views/endpoint.js";
import { endpointsView } from "./views/endpoints.js";

const ROUTES = [
  [/^\/endpoints$/, endpointsView],
  [/^\/endpoints\/([^/]+)$/, endpointView],
  [/^\/deliveries$/, deliveriesView],
  [/^\/deliveries\/([^/]+)$/, deliveryView],
];
const STATES = { connecting: "Connecting …", live: "Live", offline: "Offline, reconnecting …" };
const NO_LINK = "This page opens by a link";
const ENDED = "This link has ended";

const main = document.getElementById("main");
const nav = document.getElementById("nav");
const pill = document.getElementById("live");
const footer = document.getElementById("footer");

/** Open the portal of the token's organization, until the token ends. */
function open(token) {
  const closing = new AbortController();
  const close = () => {
    if (closing.signal.aborted) return;
    closing.abort();
    forgetToken();
    for (const dialog of document.querySelectorAll("dialog")) dialog.close();
    explain(ENDED);
  };
  const api = new Api(token, close);
  const live = new Live(api);
  showState(live);
  showWho(token);
  nav.hidden = false;
  if (endOf(token)) at(endOf(token), () => api.endpoints().catch(() => {})); // the server's clock decides
  new Router(ROUTES, { api, live }, main).start(closing.signal);
  live.start(closing.signal);
}

function showState(live) {
  const show = () => {
    pill.hidden = false;
    pill.dataset.state = live.state;
    fill(pill, STATES[live.state]);
  };
  live.addEventListener("state", show);
  show();
}

function showWho(token) {
  const end = endOf(token);
  const { org } = claimsOf(token);
  const who = org && ["For ", h("strong", {}, org), ". "];
  fill(footer, h("p", {}, who, end && ["This link works until ", time(end.toISOString()), "."]));
}

/** Say what to do to get in. */
function explain(title) {
  document.title = `${title} · Webhooks`;
  nav.hidden = true;
  pill.hidden = true;
  main.removeAttribute("aria-busy");
  fill(footer);
  const heading = h("h1", { tabindex: "-1" }, title);
  fill(
    main,
    h(
      "div.gate",
      {},
      heading,
      h(
        "p",
        {},
        "For your safety, links to this page work for a short time only, and each tab needs to be opened by one.",
      ),
      h(
        "p",
        {},
        "Ask for a new link where you got the last one. Then open it here; nothing that you have set up is lost.",
      ),
      h("p.hint", {}, "Developers make one with ", h("code", {}, "POST /api/webhooks/portal-link"), "."),
    ),
  );
  addEventListener("hashchange", () => isLink(location.hash) && location.reload());
}

addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});

const token = takeToken();
if (token) open(token);
else explain(NO_LINK);
