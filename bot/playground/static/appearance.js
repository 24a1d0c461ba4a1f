/** Light or dark: the system's choice until somebody makes their own, which is remembered. */

import { el } from "./dom.js";
import { icon } from "./icons.js";
import { remember } from "./remember.js";

const DARK = matchMedia("(prefers-color-scheme: dark)");

export function themeButton() {
  const button = el("button", { type: "button", class: "quiet square" });
  button.addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    remember({ theme });
    draw(button);
  });
  DARK.addEventListener("change", () => draw(button));
  draw(button);
  return button;
}

function draw(button) {
  const label = isDark() ? "Use the light theme" : "Use the dark theme";
  button.setAttribute("aria-label", label);
  button.title = label;
  button.replaceChildren(icon(isDark() ? "sun" : "moon"));
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : DARK.matches;
}
