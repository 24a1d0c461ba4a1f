/** A button with a menu, operated as the ARIA authoring practices describe. */

import { el, freshId } from "./dom.js";
import { attach } from "./popover.js";

/** `entries` are `{label, danger, run}`; `trigger` is the button, drawn by the caller. */
export function menu(trigger, label, entries) {
  const panel = el("div", { class: "menu", role: "menu", "aria-label": label, id: freshId("menu") });
  const items = entries.map((entry) => drawItem(entry, panel));
  panel.append(...items);
  trigger.setAttribute("aria-haspopup", "menu");
  trigger.setAttribute("aria-controls", panel.id);
  attach(trigger, panel, { opened: () => items[0].focus() });
  trigger.addEventListener("keydown", (event) => openByArrow(event, panel));
  panel.addEventListener("keydown", (event) => move(event, items, panel, trigger));
  return panel;
}

function drawItem(entry, panel) {
  const run = () => {
    panel.hidePopover();
    entry.run();
  };
  const className = entry.danger ? "menu-item danger" : "menu-item";
  return el("button", { type: "button", role: "menuitem", tabindex: "-1", class: className, onclick: run, text: entry.label });
}

function openByArrow(event, panel) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  panel.showPopover();
}

function move(event, items, panel, trigger) {
  if (event.key === "Escape" || event.key === "Tab") {
    panel.hidePopover();
    trigger.focus();
    if (event.key === "Escape") event.preventDefault();
    return;
  }
  const next = target(event.key, items);
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function target(key, items) {
  const at = items.indexOf(document.activeElement);
  if (key === "ArrowDown") return items[(at + 1) % items.length];
  if (key === "ArrowUp") return items[(at - 1 + items.length) % items.length];
  if (key === "Home") return items[0];
  if (key === "End") return items.at(-1);
  if (key.length !== 1 || key === " ") return null;
  const after = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  return after.find((item) => item.textContent.toLowerCase().startsWith(key.toLowerCase()));
}
