/** Short sentences at the top of the page: what happened goes by itself, what failed stays until dismissed. */

import { el, words } from "./dom.js";
import { icon } from "./icons.js";

const READING_TIME = 6000;

export function tell(text) {
  const toast = draw(text, "toast");
  document.getElementById("toasts-said").replaceChildren(toast);
  setTimeout(() => toast.remove(), READING_TIME);
}

export function fail(text) {
  document.getElementById("toasts-failed").append(draw(text, "toast failed"));
}

function draw(text, className) {
  const toast = el("div", { class: className }, words("p", text));
  const dismiss = el("button", { type: "button", class: "quiet square", "aria-label": "Dismiss" }, icon("close"));
  dismiss.addEventListener("click", () => toast.remove());
  toast.append(dismiss);
  return toast;
}
