/** The clock of the sample team: what time it is, what comes next, and the button that goes there. */

import { post } from "./api.js";
import { shortTime } from "./dates.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { attach } from "./popover.js";
import { fail, tell } from "./toasts.js";

export class Clock {
  constructor(world, host) {
    this.world = world;
    this.now = el("time", { class: "clock-now" });
    this.what = el("span", { class: "next-what" });
    this.next = el("button", { type: "button", class: "main next", onclick: () => this.#step({}) });
    this.next.append(el("span", { class: "next-label", text: "Next thing due" }), this.what);
    this.list = el("ol", { class: "coming" });
    this.panel = el("div", { class: "coming-panel", role: "group", "aria-label": "Coming up" });
    this.panel.append(el("h2", { text: "Coming up" }), el("p", { class: "note", text: "Choose one to let the time pass until then." }), this.list);
    const more = el("button", { type: "button", class: "main next-more", "aria-label": "Coming up" }, icon("down"));
    attach(more, this.panel, { opened: () => this.list.querySelector("button")?.focus() });
    this.group = el("div", { class: "next-group" }, this.next, more);
    host.append(this.now, this.group, this.panel);
  }

  show() {
    const { clock, upcoming } = this.world;
    const [first] = upcoming;
    if (this.now.textContent && this.now.textContent !== clock.text) this.#flash();
    this.now.replaceChildren(...inTwo(clock.text).map((part) => el("span", { text: part })));
    this.now.dateTime = clock.at;
    this.what.textContent = first ? `${shortTime(first.at, clock.zone)} · ${first.what}` : "Nothing is due";
    this.next.title = first ? `${first.when}: ${first.what}` : "";
    this.next.toggleAttribute("disabled", !first);
    this.list.replaceChildren(...upcoming.map((entry) => this.#drawEntry(entry)));
  }

  #drawEntry(entry) {
    const go = () => {
      this.panel.hidePopover();
      this.#step({ to: entry.at });
    };
    const button = el("button", { type: "button", class: "coming-entry", onclick: go });
    button.append(el("span", { class: "coming-when", text: entry.when }), el("span", { dir: "auto", text: entry.what }));
    return el("li", {}, button);
  }

  /** Shows where the button is, for the tour. */
  point() {
    this.next.focus();
    this.group.classList.add("pointed");
    setTimeout(() => this.group.classList.remove("pointed"), 4000);
  }

  async #step(body) {
    if (this.next.getAttribute("aria-busy") === "true") return;
    this.next.setAttribute("aria-busy", "true");
    try {
      tell((await post("step", body)).text);
    } catch (refusal) {
      fail(refusal.message);
    } finally {
      this.next.removeAttribute("aria-busy");
    }
  }

  #flash() {
    this.now.classList.remove("moved");
    // Reading a size makes the browser notice the removal, so that the animation starts anew.
    void this.now.offsetWidth;
    this.now.classList.add("moved");
  }
}

/** Day and time apart, so that a narrow page breaks the line between them. */
function inTwo(text) {
  const at = text.lastIndexOf(" ");
  return [text.slice(0, at + 1), text.slice(at + 1)];
}
