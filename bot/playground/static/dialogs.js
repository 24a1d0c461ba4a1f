/** A native dialog with a title, what is in it, and where focus goes when it closes. */

import { el, freshId, words } from "./dom.js";
import { icon } from "./icons.js";

export function openDialog({ title, aside = null, className = "", closable = true, closed = () => {} }) {
  const heading = words("h2", title);
  heading.id = freshId("dialog");
  const close = closable && el("button", { type: "button", class: "quiet square", "aria-label": "Close" }, icon("close"));
  const head = el("header", { class: "dialog-head" }, el("div", { class: "dialog-title" }, heading, aside), close);
  const body = el("div", { class: "dialog-body" });
  const dialog = el("dialog", { class: className, "aria-labelledby": heading.id }, head, body);
  if (close) close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    closed();
  });
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, body, heading };
}

/** Asks before something counts. Answers true only when the person says so. */
export function confirmFirst(question, label, { danger = false } = {}) {
  return new Promise((resolve) => {
    let agreed = false;
    const { dialog, body } = openDialog({ title: question, className: "small", closable: false, closed: () => resolve(agreed) });
    const agree = () => {
      agreed = true;
      dialog.close();
    };
    const no = el("button", { type: "button", class: "plain", onclick: () => dialog.close(), text: "Not now" });
    const yes = el("button", { type: "button", class: danger ? "danger solid" : "main", onclick: agree, text: label });
    body.append(el("div", { class: "buttons end" }, no, yes));
    // What cannot be brought back must not be one stray Enter away.
    (danger ? no : yes).focus();
  });
}
