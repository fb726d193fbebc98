// Dialogs over the page: the browser keeps the focus inside and gives it back, Escape closes.

import { fill, freshId, h } from "./dom.js";
import { copyButton, markWrong, problemBox } from "./parts.js";

/** Open a dialog with a heading; `build(close)` gives its content. Resolves when it is closed. */
export function openDialog(title, build) {
  const id = freshId("dialog");
  const dialog = h("dialog", { "aria-labelledby": id });
  const close = () => dialog.close();
  fill(dialog, h("h2", { id }, title), build(close), h("p.told", { role: "status" }));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
  });
}

/**
 * Open a form in a dialog. `submit(form)` does what it is for; its failure is shown in place and the
 * dialog stays. Resolves to what `submit` gave, or undefined when it was cancelled.
 */
export async function openForm(title, { content, confirm, danger = false, submit }) {
  let result;
  await openDialog(title, (close) => {
    const problems = h("div");
    const go = h(danger ? "button.danger" : "button.primary", { type: "submit" }, confirm);
    const cancel = h("button", { type: "button", onclick: close }, "Cancel");
    const form = h("form", { novalidate: true }, content, problems, h("div.dialog-actions", {}, cancel, go));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      go.disabled = true;
      try {
        result = await submit(form);
        close();
      } catch (error) {
        const placed = markWrong(form, error.fields || []);
        fill(problems, problemBox(error, placed));
      }
      go.disabled = false;
    });
    return form;
  });
  return result;
}

/** Ask before something is done. */
export function confirmFirst(title, words, confirm, act, danger = false) {
  return openForm(title, {
    content: h("p", {}, words),
    confirm,
    danger,
    submit: async () => (await act()) || true,
  });
}

/** Show a secret the one time that it can be shown. */
export function showSecret(title, secret) {
  return openDialog(title, (close) => [
    h(
      "p",
      {},
      "Store this secret where your endpoint checks signatures. It is shown this once and never again.",
    ),
    h("div.secret", {}, h("code", { tabindex: "0" }, secret), copyButton(secret, "Copy secret")),
    h("div.dialog-actions", {}, h("button.primary", { type: "button", onclick: close }, "I have stored it")),
  ]);
}
