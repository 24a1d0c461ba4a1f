/** One message in a log: who, when, the words or the card, and the way to its thread. */

import { avatar } from "./avatar.js";
import { paragraph } from "./blocks.js";
import { drawCard } from "./cards.js";
import { el, unseen } from "./dom.js";
import { icon } from "./icons.js";
import { BOT } from "./world.js";

/** `place` is `{world, follows, tap}`: follows is true right after a message of the same author. */
export function drawMessage(message, { world, follows, tap }) {
  const name = world.nameOf(message.author);
  const node = el("article", { class: "message", "aria-label": `${name}, ${message.when}` });
  node.classList.toggle("follows", follows);
  node.classList.toggle("private", Boolean(message.only_for));
  const body = el("div", { class: "message-body" });
  if (message.only_for) body.append(el("p", { class: "only-you" }, icon("eye"), "Only visible to you"));
  body.append(headOf(message, name));
  const card = message.card && drawCard(message.card, (button, inputs) => tap(message, button, inputs));
  if (message.text !== null) body.append(paragraph(message.text, "said"));
  if (card) body.append(card.node);
  node.append(el("div", { class: "message-side" }, avatar(world, message.author)), body);
  return { node, card };
}

function headOf(message, name) {
  return el(
    "header",
    { class: "message-head" },
    el("span", { class: "author", dir: "auto", text: name }),
    message.author === BOT && el("span", { class: "bot-tag", text: "app" }),
    el("time", { datetime: message.at, text: message.when }),
    message.edited && el("span", { class: "edited", text: "edited" }),
  );
}

/** The line under a message that leads to its replies. */
export function drawThreadLink(world, message, replies, open) {
  const label = replies.length === 0 ? "Reply in thread" : count(replies.length);
  const node = el("button", { type: "button", class: "thread-link", onclick: open });
  node.classList.toggle("empty", replies.length === 0);
  if (replies.length === 0) node.append(icon("reply"));
  const authors = [...new Set(replies.map((reply) => reply.author))].slice(0, 3);
  node.append(...authors.map((author) => avatar(world, author)), el("span", { class: "thread-count", text: label }));
  if (replies.length > 0) node.append(el("span", { class: "thread-last", text: `last ${replies.at(-1).when}` }));
  node.append(unseen(` to ${world.nameOf(message.author)}, ${message.when}`));
  return node;
}

export function count(replies) {
  return replies === 1 ? "1 reply" : `${replies} replies`;
}

/** While a tap travels its card takes no other; the buttons stay focusable, so that focus is not lost. */
export function setBusy(node, busy) {
  const card = node.querySelector(".card");
  if (!card) return;
  card.setAttribute("aria-busy", String(busy));
  for (const button of card.querySelectorAll("button")) {
    if (busy) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}
