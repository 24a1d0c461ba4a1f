/** The list of messages in a pane: draws only what changed, and keeps focus, typed words and the scroll position. */

import { dayOf } from "./dates.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { count, drawMessage, drawThreadLink, setBusy } from "./message.js";

const AT_BOTTOM = 48;
const ROOM_ABOVE = 12;

export class Log {
  /** `actions` are `{tap(message, button, inputs), openThread(id)}`. */
  constructor(world, actions) {
    this.world = world;
    this.actions = actions;
    this.entries = new Map();
    this.pinned = true;
    this.list = el("div", { class: "log-list" });
    this.node = el("div", { class: "log", role: "log", tabindex: "0" }, this.list);
    this.latest = el("button", { type: "button", class: "latest", hidden: true }, icon("latest"), "Latest");
    this.latest.addEventListener("click", () => this.toBottom());
    this.node.addEventListener("scroll", () => this.#noteScroll());
    new ResizeObserver(() => this.pinned && this.#settle(null)).observe(this.node);
  }

  /** Starts over with another view; its messages are not news, so they are not announced. */
  restart(label, intro) {
    this.node.setAttribute("aria-label", label);
    this.node.setAttribute("aria-live", "off");
    this.entries.clear();
    this.list.replaceChildren(intro);
    this.intro = intro;
    this.pinned = true;
    setTimeout(() => this.node.removeAttribute("aria-live"), 500);
  }

  /** `view` is `{messages, repliesTo(message) or null, root, busy}`; root is the message a thread hangs on. */
  show(view) {
    const known = this.entries;
    const next = new Map();
    let previous = null;
    for (const message of view.messages) {
      next.set(message.id, this.#entry(message, previous, view));
      previous = message;
    }
    const replaced = [...next].filter(([id, entry]) => known.has(id) && known.get(id) !== entry);
    const focused = replaced.find(([id]) => known.get(id).node.contains(document.activeElement));
    const refocus = focused && focusAfter(known.get(focused[0]), focused[1]);
    const added = [...next].filter(([id]) => !known.has(id));
    replaced.forEach(([id, entry]) => carryOver(known.get(id), entry));
    this.entries = next;
    this.#arrange([...next.values()].map((entry) => entry.node));
    if (known.size > 0) replaced.forEach(([, entry]) => highlight(entry.drawn.node));
    refocus?.();
    this.#settle(known.size > 0 && added.length > 0 ? added[0][1].node : null);
  }

  /** Reuses what is on screen where nothing about it changed. */
  #entry(message, previous, view) {
    const zone = this.world.clock.zone;
    const day = dayOf(message.at, zone);
    const newDay = !previous || dayOf(previous.at, zone) !== day;
    const afterRoot = previous !== null && previous.id === view.root;
    const follows = !newDay && !afterRoot && previous.author === message.author && !message.only_for && !previous.only_for;
    const drawn = { day: newDay && day, follows };
    let entry = this.entries.get(message.id);
    if (!entry || !isSame(entry, message, drawn)) entry = this.#draw(message, drawn);
    this.#drawFoot(entry, message, view);
    setBusy(entry.node, view.busy.has(message.id));
    return entry;
  }

  #draw(message, { day, follows }) {
    const entry = { message, day, follows, tapped: false };
    const tap = (tapped, button, inputs) => this.actions.tap(tapped, button, inputs, entry);
    entry.drawn = drawMessage(message, { world: this.world, follows, tap });
    entry.foot = el("div", { class: "message-foot" });
    entry.node = el("div", { class: "entry" });
    if (day) entry.node.append(el("p", { class: "day" }, el("span", { text: day })));
    entry.node.append(entry.drawn.node, entry.foot);
    return entry;
  }

  #drawFoot(entry, message, view) {
    const replies = view.repliesTo?.(message) ?? null;
    const key = replies && `${replies.length} ${replies.at(-1)?.when}`;
    if (message.id === view.root) {
      const after = view.messages.length - 1;
      entry.foot.replaceChildren(el("p", { class: "day thread-line" }, el("span", { text: after ? count(after) : "No replies yet" })));
    } else if (key !== entry.footKey) {
      const focused = entry.foot.contains(document.activeElement);
      const open = () => this.actions.openThread(message.id);
      entry.foot.replaceChildren(...(replies ? [drawThreadLink(this.world, message, replies, open)] : []));
      if (focused) entry.foot.firstElementChild?.focus();
    }
    entry.footKey = key;
  }

  /** Moves as little as possible: an element that is moved loses focus. */
  #arrange(nodes) {
    const wanted = new Set([this.intro, ...nodes]);
    for (const node of [...this.list.children]) if (!wanted.has(node)) node.remove();
    let at = this.intro.nextElementSibling;
    for (const node of nodes) {
      if (node === at) at = at.nextElementSibling;
      else this.list.insertBefore(node, at);
    }
  }

  /** Stays at the bottom if it was there, but never past the head of what has just come in. */
  #settle(firstNew) {
    if (!this.pinned) {
      this.latest.hidden = firstNew === null && this.latest.hidden;
      return;
    }
    const bottom = this.node.scrollHeight - this.node.clientHeight;
    const head = firstNew ? firstNew.offsetTop - ROOM_ABOVE : bottom;
    this.placed = Math.max(0, Math.min(bottom, head));
    this.node.scrollTop = this.placed;
  }

  #noteScroll() {
    // Our own move: still pinned, even where a tall message keeps us from the very bottom.
    if (Math.abs(this.node.scrollTop - this.placed) < 2) return;
    this.pinned = this.node.scrollHeight - this.node.clientHeight - this.node.scrollTop < AT_BOTTOM;
    this.latest.hidden = this.pinned || this.latest.hidden;
  }

  toBottom() {
    this.pinned = true;
    this.latest.hidden = true;
    this.#settle(null);
    this.node.focus();
  }

  focusOn(id) {
    const entry = this.entries.get(id);
    if (entry) focusIn(entry);
    return Boolean(entry);
  }
}

/** After a reconnection every message is a new object that may say the same as before. */
function isSame(entry, message, { day, follows }) {
  if (entry.day !== day || entry.follows !== follows) return false;
  return entry.message === message || JSON.stringify(entry.message) === JSON.stringify(message);
}

/** What somebody was typing on a card survives its update, unless their own tap caused it. */
function carryOver(old, fresh) {
  if (old.tapped || !old.drawn.card || !fresh.drawn.card) return;
  for (const field of fresh.drawn.card.fields) {
    const before = old.drawn.card.fields.find((other) => other.name === field.name);
    if (before) field.write(before.read());
  }
}

/** Somebody typing goes on typing; otherwise the updated card's first button is next. */
function focusAfter(old, fresh) {
  const field = old.drawn.card?.fields.find((other) => other.node.contains(document.activeElement));
  const same = !old.tapped && field && fresh.drawn.card?.fields.find((other) => other.name === field.name);
  return () => (same ? same.focus() : focusIn(fresh));
}

function focusIn(entry) {
  const card = entry.drawn.card?.node;
  (card?.querySelector(".buttons button, .scale button") ?? card ?? entry.node.querySelector("button"))?.focus();
}

function highlight(node) {
  node.classList.add("changed");
  setTimeout(() => node.classList.remove("changed"), 2000);
}
