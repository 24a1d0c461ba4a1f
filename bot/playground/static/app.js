/** Puts the page together and passes on what the server tells. */

import { getState, listen, post } from "./api.js";
import { themeButton } from "./appearance.js";
import { avatar } from "./avatar.js";
import { Clock } from "./clock.js";
import { confirmFirst } from "./dialogs.js";
import { el, unseen } from "./dom.js";
import { icon } from "./icons.js";
import { menu } from "./menu.js";
import { Pane } from "./pane.js";
import { recall, remember } from "./remember.js";
import { fail } from "./toasts.js";
import { Tour } from "./tour.js";
import { World } from "./world.js";

const TRY_AGAIN_AFTER = 3000;
const SIDES = ["left", "right"];

class App {
  constructor() {
    this.world = new World();
    this.panes = null;
    /** Events that arrive while the state is being read wait for it. */
    this.waiting = null;
    this.clock = new Clock(this.world, byId("clock"));
    this.tour = new Tour(this.world, byId("tour"), { showMe: (step) => this.#showMe(step), toggled: (open) => this.#tourToggled(open) });
    this.#drawTools();
  }

  start() {
    listen({
      opened: () => this.#reload(),
      lost: () => document.body.classList.add("offline"),
      message: (message) => this.#soon(() => this.#receive(message)),
      removed: ({ id }) => this.#soon(() => this.world.remove(id)),
      clock: (data) => this.#soon(() => Object.assign(this.world, data)),
      tour: ({ steps }) => this.#soon(() => Object.assign(this.world, { steps })),
      reset: () => this.#reload({ fresh: true }),
    });
    matchMedia("(max-width: 719px)").addEventListener("change", () => this.#show());
  }

  async #reload({ fresh = false } = {}) {
    const known = new Set(fresh ? [] : this.world.messages.keys());
    this.waiting ??= [];
    try {
      this.world.load(await getState());
    } catch (refusal) {
      this.#stayWaiting(refusal);
      return;
    }
    document.body.classList.remove("offline");
    if (fresh) this.#forget();
    if (!this.panes) this.#drawPanes();
    else if (known.size > 0) this.#noteMissed(known);
    const waited = this.waiting ?? [];
    this.waiting = null;
    waited.forEach((change) => change());
    this.#show();
  }

  #stayWaiting(refusal) {
    if (this.panes) {
      this.waiting = null;
      fail(refusal.message);
      return;
    }
    byId("waiting").textContent = refusal.message;
    setTimeout(() => this.#reload(), TRY_AGAIN_AFTER);
  }

  #forget() {
    this.world.unread.clear();
    for (const side of SIDES) this.panes?.[side].reset();
  }

  #soon(change) {
    if (this.waiting) {
      this.waiting.push(change);
      return;
    }
    change();
    this.#show();
  }

  #receive(message) {
    const isNew = !this.world.messages.has(message.id);
    this.world.messages.set(message.id, message);
    if (isNew) this.#noteUnread(message);
  }

  #noteMissed(known) {
    for (const message of this.world.messages.values()) if (!known.has(message.id)) this.#noteUnread(message);
  }

  #noteUnread(message) {
    for (const { person, tab } of this.world.readersOf(message)) {
      const seen = SIDES.some((side) => this.panes[side].shows(person, tab));
      if (!seen) this.world.markUnread(person, tab, message.id);
    }
  }

  #drawPanes() {
    const kept = recall();
    const [first, second] = this.world.people;
    this.panes = {
      left: this.#drawPane("left", kept.left, first),
      right: this.#drawPane("right", kept.right, second ?? first),
    };
    this.side = kept.side === "right" ? "right" : "left";
    this.#drawSwitch();
    byId("waiting").remove();
    byId("sample").textContent = this.world.sample;
    byId("sample").hidden = false;
    byId("chats").append(this.panes.left.node, this.panes.right.node);
  }

  #drawPane(side, kept, otherwise) {
    const person = this.world.person(kept?.person)?.id ?? otherwise.id;
    const tab = kept?.tab === "channel" ? "channel" : "dm";
    const changed = (pane) => {
      remember({ [side]: { person: pane.person, tab: pane.tab } });
      this.#show();
    };
    return new Pane(this.world, { person, tab, changed });
  }

  /** On a phone one chat is in view at a time; this goes back and forth between the two. */
  #drawSwitch() {
    this.switches = SIDES.map((side) => el("button", { type: "button", onclick: () => this.#turnTo(side) }));
    byId("switch").append(...this.switches);
  }

  #turnTo(side) {
    this.side = side;
    remember({ side });
    this.#show();
  }

  #show() {
    this.clock.show();
    this.tour.show();
    if (!this.panes) return;
    byId("chats").dataset.side = this.side;
    for (const side of SIDES) this.panes[side].show();
    // Twice, because what one pane has just read is no news on the other's badges.
    for (const side of SIDES) this.panes[side].show();
    SIDES.forEach((side, at) => this.#showSwitch(this.switches[at], side));
  }

  #showSwitch(button, side) {
    const { person } = this.panes[side];
    const unread = side === this.side ? 0 : this.world.unreadOf(person);
    button.setAttribute("aria-pressed", String(side === this.side));
    button.replaceChildren(avatar(this.world, person), el("span", { dir: "auto", text: this.world.nameOf(person) }));
    if (unread > 0) button.append(el("span", { class: "badge" }, String(unread), unseen(" new")));
  }

  #drawTools() {
    this.tourButton = el("button", { type: "button", class: "quiet", "aria-controls": "tour", onclick: () => this.tour.toggle(), text: "Tour" });
    const more = el("button", { type: "button", class: "quiet square", "aria-label": "More", title: "More" }, icon("dots"));
    const entries = [{ label: "Start the sample over", danger: true, run: () => this.#restart() }];
    const offline = el("span", { class: "offline-note", role: "status", text: "Reconnecting…" });
    byId("tools").append(offline, this.tourButton, themeButton(), more, menu(more, "More", entries));
    this.tourButton.setAttribute("aria-expanded", String(this.tour.open));
  }

  #tourToggled(open) {
    this.tourButton.setAttribute("aria-expanded", String(open));
    if (!open) this.tourButton.focus();
  }

  #showMe(step) {
    const { left: pane, right } = this.panes;
    this.#turnTo("left");
    // Two different people stay in view.
    if (right.person === step.who && pane.person !== step.who) right.turnTo(pane.person, right.tab);
    if (pane.person !== step.who || pane.tab !== step.place || pane.thread) pane.turnTo(step.who, step.place);
    pane.log.toBottom();
    if (step.type) pane.composer.fill(step.type);
    if (step.step_clock) this.clock.point();
  }

  async #restart() {
    const question = "Start the sample over? Everything said and answered here goes back to the first morning.";
    if (!(await confirmFirst(question, "Start over", { danger: true }))) return;
    try {
      await post("restart", {});
    } catch (refusal) {
      fail(refusal.message);
    }
  }
}

function byId(id) {
  return document.getElementById(id);
}

new App().start();
