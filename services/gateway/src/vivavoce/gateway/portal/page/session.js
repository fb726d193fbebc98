// Who reads: the link's token, kept for this tab only and taken out of the address at once.

const KEY = "vivavoce-portal-token";
const LONGEST_WAIT = 2 ** 31 - 1; // milliseconds that a timer can count

/** Whether the address's fragment is a link's, not a place in the page. */
export function isLink(hash) {
  return hash.startsWith("#token=");
}

/** The token of the link that was opened, or the one that this tab has kept; null without any. */
export function takeToken() {
  if (isLink(location.hash)) {
    sessionStorage.setItem(KEY, new URLSearchParams(location.hash.slice(1)).get("token"));
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(KEY);
}

/** Forget the token, once it has ended. */
export function forgetToken() {
  sessionStorage.removeItem(KEY);
}

/** What the token says of itself, unchecked and for show only: `{org, exp}`. */
export function claimsOf(token) {
  try {
    const part = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(part), (character) => character.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return {};
  }
}

/** When the token ends, as a Date; null when it doesn't say. */
export function endOf(token) {
  const { exp } = claimsOf(token);
  return typeof exp === "number" ? new Date(exp * 1000) : null;
}

/** Call back when the time has come; at once when it is past. */
export function at(time, callback) {
  const left = time.getTime() - Date.now();
  setTimeout(
    left > LONGEST_WAIT ? () => at(time, callback) : callback,
    Math.min(Math.max(left, 0), LONGEST_WAIT),
  );
}
