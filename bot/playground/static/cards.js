/** A card of the bot: its heading, its blocks and its buttons. */

import { drawBlock } from "./blocks.js";
import { el, freshId, words } from "./dom.js";
import { drawField } from "./fields.js";
import { icon } from "./icons.js";
import { menu } from "./menu.js";

const LONG_LABEL = 14;

/** Draws a card. `tap(button, inputs)` runs when one of its buttons is pressed. */
export function drawCard(card, tap) {
  const fields = [];
  const press = (button) => tap(button, Object.fromEntries(fields.map((field) => [field.name, field.read()])));
  const special = {
    scale: (block) => drawScale(block, card.title, press),
    ask: (block) => {
      fields.push(drawField(block.input, { onCard: true }));
      return el("div", { class: "ask" }, fields.at(-1).node);
    },
  };
  const title = words("h3", card.title);
  title.id = freshId("card");
  const node = el("div", { class: "card", tabindex: "-1", role: "group", "aria-labelledby": title.id }, title);
  node.append(...card.blocks.map((block) => drawBlock(block, special)));
  node.append(...drawButtons(card, press));
  sendOnEnter(node, card, press);
  return { node, fields };
}

function drawButtons(card, press) {
  const row = card.buttons.map((button) => drawButton(button, press));
  const panels = [];
  if (card.more.length > 0) {
    const trigger = el("button", { type: "button", class: "quiet" }, "More", icon("down"));
    const entries = card.more.map((button) => ({
      label: button.label,
      danger: button.style === "danger",
      run: () => press(button),
    }));
    panels.push(menu(trigger, `More: ${card.title}`, entries));
    row.push(trigger);
  }
  return row.length > 0 ? [el("div", { class: "buttons" }, row), ...panels] : [];
}

function drawButton(button, press) {
  return el("button", { type: "button", class: button.style, dir: "auto", onclick: () => press(button), text: button.label });
}

function drawScale(block, title, press) {
  const long = block.buttons.some((button) => splitLabel(button.label).words.length > LONG_LABEL);
  const row = el("div", { class: long ? "scale long" : "scale", role: "group", "aria-label": title });
  row.append(...block.buttons.map((button) => drawStep(button, press)));
  return row;
}

function drawStep(button, press) {
  const { number, words: label } = splitLabel(button.label);
  const node = el("button", { type: "button", class: "step", onclick: () => press(button) });
  if (number) node.append(el("span", { class: "step-number", text: number }));
  if (number && label) node.append(" ");
  if (label) node.append(words("span", label, "step-words"));
  return node;
}

/** "5 Delighted" is a large 5 above a small word. */
function splitLabel(label) {
  const [, number = "", rest = label] = label.match(/^(\d+)(?:\s+(.*))?$/s) ?? [];
  return { number, words: number && rest === label ? "" : rest };
}

/** Enter in a one-line input presses the card's main button, where it has one. */
function sendOnEnter(node, card, press) {
  const main = card.buttons.find((button) => button.style === "main");
  if (!main) return;
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !event.target.matches("input[type=text]")) return;
    event.preventDefault();
    press(main);
  });
}
