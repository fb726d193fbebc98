// How things are called and written: times in the reader's zone, states in words.

const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const NUMBER = new Intl.NumberFormat();

export const HEALTH = {
  healthy: { word: "Healthy", tone: "good" },
  failing: { word: "Failing", tone: "bad" },
  paused: { word: "Paused", tone: "warn" },
  throttled: { word: "Throttled", tone: "warn" },
};
const OFF = { word: "Disabled", tone: "idle" };
const UNPROVEN = { word: "Unverified", tone: "warn" };

export const STATUS = {
  pending: { word: "Pending", tone: "warn" },
  delivered: { word: "Delivered", tone: "good" },
  failed: { word: "Failed", tone: "bad" },
  cancelled: { word: "Cancelled", tone: "idle" },
};

const WAITING = {
  endpoint: "Waits for the endpoint to recover",
  turn: "Waits for its turn",
  disabled: "Waits for the endpoint to be enabled",
};

const WHY_OFF = {
  gone: "The endpoint answered 410 Gone, so it gets nothing any more.",
  failing: "The endpoint failed for too long.",
  switched_off: "It was switched off.",
  unverified: "The endpoint hasn't proven yet that it wants to be called.",
};

/** A moment as people read it here. */
export function moment(iso) {
  return TIME.format(new Date(iso));
}

export function count(number) {
  return NUMBER.format(number);
}

/** "1 delivery", "2 deliveries". */
export function several(number, one, many) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

export function duration(seconds) {
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;
}

/** An endpoint's state in a word and a tone. */
export function healthOf(endpoint) {
  if (endpoint.active) return HEALTH[endpoint.health] || HEALTH.healthy;
  return endpoint.disabledReason === "unverified" ? UNPROVEN : OFF;
}

/** Why an endpoint gets nothing, or gets it later; empty when all is well. */
export function explain(endpoint) {
  const detail = endpoint.disabledDetail ? ` It said: ${endpoint.disabledDetail}` : "";
  if (!endpoint.active) return (WHY_OFF[endpoint.disabledReason] || "It is disabled.") + detail;
  const resumes = endpoint.resumesAt ? ` It is tried again at ${moment(endpoint.resumesAt)}.` : "";
  if (endpoint.health === "paused") return `Attempts pause because too many failed in a row.${resumes}`;
  if (endpoint.health === "throttled") return `The endpoint asked for a rest.${resumes}`;
  if (endpoint.health === "failing")
    return `The last attempt failed: ${endpoint.deliveries.lastError || "no reason is known"}.`;
  return "";
}

/** What comes next for a delivery, or how it ended. */
export function outlook(delivery) {
  if (delivery.status === "pending" && delivery.waiting) return WAITING[delivery.waiting];
  if (delivery.status === "pending" && delivery.nextAttemptAt)
    return `Next attempt ${moment(delivery.nextAttemptAt)}`;
  if (delivery.lastError) return sentence(delivery.lastError);
  return delivery.lastStatus ? `Answered ${delivery.lastStatus}` : "";
}

/** A message with a capital at its beginning. */
export function sentence(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** JSON as it is read best; a text that is none as it came. */
export function pretty(value) {
  if (typeof value !== "string") return JSON.stringify(value, null, 2);
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}

/** What a date and time field holds, as ISO in UTC; undefined when it is empty. */
export function isoOf(local) {
  return local ? new Date(local).toISOString() : undefined;
}

/** A moment as a date and time field wants it: in the reader's zone, to the minute. */
export function localOf(date) {
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}
