/** The first-visit tour: five steps, each with something to do; it waits beside the chats and never blocks them. */

import { post } from "./api.js";
import { el, freshId, unseen } from "./dom.js";
import { icon } from "./icons.js";
import { recall, remember } from "./remember.js";
import { fail } from "./toasts.js";

export class Tour {
  /** `showMe(step)` brings the place of a step into view. */
  constructor(world, host, { showMe, toggled }) {
    Object.assign(this, { world, host, showMe, toggled, picked: null });
    this.open = !recall().tourDismissed;
    this.title = el("h2", { id: "tour-title", text: "Tour" });
    this.progress = el("p", { class: "tour-progress" });
    const close = el("button", { type: "button", class: "quiet square", "aria-label": "Close the tour", onclick: () => this.toggle(false) }, icon("close"));
    this.list = el("ol", { class: "steps" });
    this.end = el("p", { class: "tour-end", hidden: true });
    this.end.textContent = "That is the whole loop. Let the fortnight run with the clock, or write anything to see what happens.";
    host.append(el("header", { class: "tour-head" }, el("div", {}, this.title, this.progress), close), this.list, this.end);
  }

  toggle(open = !this.open) {
    this.open = open;
    remember({ tourDismissed: !open });
    this.show();
    this.toggled(open);
  }

  show() {
    const { steps } = this.world;
    const done = steps.filter((step) => step.done).length;
    this.#forgetPickOnProgress(done);
    const current = steps.find((step) => step.id === this.picked) ?? steps.find((step) => !step.done);
    const signature = JSON.stringify([steps, current?.id]);
    this.host.hidden = !this.open;
    if (signature === this.signature) return;
    this.signature = signature;
    this.progress.textContent = `${done} of ${steps.length} done`;
    this.end.hidden = done < steps.length;
    this.#draw(steps, current);
  }

  /** Whoever looked back at another step is brought forward once a step is finished. */
  #forgetPickOnProgress(done) {
    if (done === this.done) return;
    this.host.classList.remove("followed");
    this.picked = null;
    this.done = done;
  }

  #draw(steps, current) {
    const focused = this.list.contains(document.activeElement);
    this.list.replaceChildren(...steps.map((step, at) => this.#drawStep(step, at + 1, step === current)));
    if (focused) this.list.querySelector("[aria-expanded=true]")?.focus();
  }

  #drawStep(step, number, expanded) {
    const body = el("div", { class: "step-body", id: freshId("step"), hidden: !expanded });
    const head = el("button", { type: "button", class: "step-head", "aria-expanded": String(expanded), "aria-controls": body.id });
    head.addEventListener("click", () => this.#pick(step, expanded));
    const mark = el("span", { class: "step-mark" }, step.done ? icon("tick") : String(number));
    head.append(mark, el("span", { class: "step-title", text: step.title }), unseen(step.done ? ", done" : ""));
    // The small layouts have no room for the title beside the numbers.
    const title = el("p", { class: "step-heading", "aria-hidden": "true", text: step.title });
    body.append(title, el("p", { text: step.text }), el("p", { class: "step-do", text: step.do }), this.#drawButtons(step));
    const item = el("li", { class: step.done ? "tour-step done" : "tour-step" }, head, body);
    item.classList.toggle("current", expanded);
    return item;
  }

  #drawButtons(step) {
    const show = el("button", { type: "button", class: "main", onclick: () => this.#show(step), text: "Show me" });
    const skip = el("button", { type: "button", class: "quiet", onclick: () => this.#skip(step), text: "Skip this step" });
    return el("div", { class: "buttons" }, show, !step.done && skip);
  }

  /** On a phone the panel then shrinks to what there is to do, so that the chat has the room. */
  #show(step) {
    this.host.classList.add("followed");
    this.showMe(step);
  }

  #pick(step, expanded) {
    const followed = this.host.classList.contains("followed");
    this.host.classList.remove("followed");
    this.picked = expanded && !followed ? null : step.id;
    this.show();
  }

  async #skip(step) {
    try {
      await post("tour", { step: step.id });
    } catch (refusal) {
      fail(refusal.message);
    }
  }
}
