// What several views are made of: badges, times, notices, fields, empty places.

import { fill, freshId, h } from "./dom.js";
import { moment, pretty, sentence } from "./format.js";

const NOTICE_STAYS = 8000; // milliseconds
const MOST_NOTICES = 3;

/** A state in a word; its colour only repeats it. */
export function badge({ word, tone }) {
  return h(`span.badge.${tone}`, {}, word);
}

/** A moment in the reader's zone; its title is the exact one. */
export function time(iso, otherwise = "never") {
  return iso ? h("time", { datetime: iso, title: iso }, moment(iso)) : h("span.faint", {}, otherwise);
}

/** Names and values. */
export function facts(rows) {
  const shown = rows.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return h(
    "dl.facts",
    {},
    shown.map(([name, ...value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

/** A part of a page under a heading. */
export function section(title, ...children) {
  const id = freshId("section");
  return h("section.panel", { "aria-labelledby": id }, h("h2", { id }, title), children);
}

/** A place with nothing in it yet, and what to do about that. */
export function empty(title, words, action) {
  return h("div.empty", {}, h("p.empty-title", {}, title), h("p", {}, words), action);
}

/** A failure in words, with its fields and the id to ask about. */
export function problemBox(error, known = []) {
  const others = (error.fields || []).filter((field) => !known.includes(field));
  return h(
    "div.problem",
    { role: "alert" },
    h("p.problem-title", {}, error.message),
    others.length > 0 &&
      h(
        "ul",
        {},
        others.map(({ path, message }) => h("li", {}, h("code", {}, path), ` ${message}`)),
      ),
    error.correlationId &&
      h("p.problem-id", {}, "If you ask about this, give the id ", h("code", {}, error.correlationId)),
  );
}

/** Tell what was done, to eyes and screen readers; it goes by itself. An open dialog hides all else, so it tells. */
export function say(words) {
  const told = [...document.querySelectorAll("dialog[open] .told")].at(-1);
  if (told) fill(told, words);
  const notice = h("p.notice", {}, words);
  const notices = document.getElementById("notices");
  notices.append(notice);
  const passing = notices.querySelectorAll("p.notice");
  if (passing.length > MOST_NOTICES) passing[0].remove();
  setTimeout(() => notice.remove(), NOTICE_STAYS);
}

/** Tell of a failure beside whatever else there is. */
export function sayProblem(error) {
  if (error.status === 401) return; // the page itself says so
  const notices = document.getElementById("notices");
  const close = h("button.quiet", { type: "button", onclick: () => box.remove() }, "Dismiss");
  const box = h("div.notice.notice-bad", {}, problemBox(error), close);
  notices.append(box);
}

/** A button that does something that takes a while: it waits, and failures are told. */
export function actionButton(label, act, kind = "") {
  const button = h(`button${kind}`, { type: "button" }, label);
  button.addEventListener("click", async () => {
    button.disabled = true;
    await act().catch(sayProblem);
    button.disabled = false;
    if (document.activeElement === document.body) standIn(button)?.focus();
  });
  return button;
}

/** The button, or its neighbour that took its place. */
function standIn(button) {
  if (!button.hidden) return button.isConnected ? button : null;
  return [button.previousElementSibling, button.nextElementSibling].find((each) => each && !each.hidden);
}

/** A button that copies a text, and says so in place. */
export function copyButton(text, label = "Copy") {
  const button = h("button.small", { type: "button" }, label);
  button.addEventListener("click", async () => {
    const copied = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    button.textContent = copied ? "Copied" : "Select it and copy";
    say(copied ? "Copied." : "The browser doesn't allow copying here: select the text and copy it.");
    setTimeout(() => (button.textContent = label), 2000);
  });
  return button;
}

/** JSON, or whatever text it is, that scrolls by itself and can be copied. */
export function code(value, label) {
  const text = pretty(value);
  const block = h("pre", { tabindex: "0", role: "region", "aria-label": label }, h("code", {}, text));
  return h("div.code", {}, block, copyButton(text));
}

/** A labelled control with its hint and a place for what is wrong with it. */
export function field(label, control, hint) {
  control.id ||= freshId("field");
  const hintId = `${control.id}-hint`;
  const wrongId = `${control.id}-wrong`;
  control.setAttribute("aria-describedby", `${hint ? `${hintId} ` : ""}${wrongId}`);
  return h(
    "div.field",
    {},
    h("label", { for: control.id }, label),
    hint && h("p.hint", { id: hintId }, hint),
    control,
    h("p.wrong", { id: wrongId }),
  );
}

/** A checkbox or radio button with its words beside it. */
export function choice(type, name, value, words, { checked = false, hint } = {}) {
  const input = h("input", { type, name, value, checked });
  return h("label.choice", {}, input, h("span", {}, words, hint && h("span.hint", {}, hint)));
}

/** A list of values to choose from: pairs of value and words. */
export function select(name, options, chosen = "") {
  const items = options.map(([value, words]) => h("option", { value, selected: value === chosen }, words));
  return h("select", { name }, items);
}

/** Mark a form's controls that the API complained about; returns the complaints that found their place. */
export function markWrong(form, fields) {
  for (const wrong of form.querySelectorAll(".wrong")) fill(wrong);
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  const placed = fields.filter(({ path, message }) => {
    const control = form.querySelector(`[data-path="${CSS.escape(path.split(".")[0])}"]`);
    const wrong = control?.closest(".field")?.querySelector(".wrong");
    if (!wrong) return false;
    control.setAttribute("aria-invalid", "true");
    wrong.append(wrong.hasChildNodes() ? `; ${message}` : sentence(message));
    return true;
  });
  form.querySelector("[aria-invalid]")?.focus();
  return placed;
}
