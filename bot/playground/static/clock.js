/** The clock of the sample team: what time it is where, what comes next, and the ways to let time pass. */

import { post } from "./api.js";
import { dateOf, shortTime } from "./dates.js";
import { el, freshId } from "./dom.js";
import { icon } from "./icons.js";
import { attach } from "./popover.js";
import { fail, tell } from "./toasts.js";

/** As many days ahead as the server lets the clock go. */
const FURTHEST = 366;

export class Clock {
  constructor(world, host) {
    this.world = world;
    this.now = el("time", { class: "clock-now" });
    this.what = el("span", { class: "next-what" });
    this.next = el("button", { type: "button", class: "main next", onclick: () => this.#step({}) });
    this.next.append(el("span", { class: "next-label", text: "Next thing due" }), this.what);
    this.list = el("ol", { class: "coming" });
    this.panel = el("div", { class: "coming-panel", role: "group", "aria-label": "Coming up" });
    const note = el("p", { class: "note", text: "Choose one to let the time pass until then." });
    this.panel.append(el("h2", { text: "Coming up" }), this.#drawWays(), note, this.list);
    const more = el("button", { type: "button", class: "main next-more", "aria-label": "Coming up" }, icon("down"));
    attach(more, this.panel, { opened: () => (this.list.querySelector("button") ?? this.panel.querySelector("button")).focus() });
    this.group = el("div", { class: "next-group" }, this.next, more);
    host.append(this.now, this.group, this.panel);
  }

  show() {
    const { clock, upcoming } = this.world;
    const [first] = upcoming;
    if (this.now.dateTime && this.now.dateTime !== clock.at) this.#flash();
    const place = el("span", { class: "clock-place", text: clock.place ?? "" });
    this.now.replaceChildren(...inTwo(clock.text).map((part) => el("span", { text: part })), place);
    this.now.dateTime = clock.at;
    this.what.textContent = first ? `${shortTime(first.at, clock.zone)} · ${first.what}` : "Nothing is due";
    this.next.title = first ? `${first.when}: ${first.what}` : "";
    this.next.toggleAttribute("disabled", !first);
    this.list.replaceChildren(...upcoming.map((entry) => this.#drawEntry(entry)));
    this.#showDates(clock);
  }

  #drawEntry(entry) {
    const button = el("button", { type: "button", class: "coming-entry", onclick: () => this.#go({ to: entry.at }) });
    button.append(el("span", { class: "coming-when", text: entry.when }), el("span", { dir: "auto", text: entry.what }));
    return el("li", {}, button);
  }

  /** Time passes without waiting for anything in particular: an hour, a night, or until a date. */
  #drawWays() {
    const id = freshId("date");
    this.date = el("input", { type: "date", id, required: true });
    const hour = el("button", { type: "button", class: "plain", onclick: () => this.#go({ by: "hour" }), text: "An hour on" });
    const morning = el("button", { type: "button", class: "plain", onclick: () => this.#go({ by: "morning" }), text: "To the morning" });
    const form = el("form", {}, el("label", { for: id, text: "To the morning of" }), this.date, el("button", { type: "submit", class: "plain", text: "Go" }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#go({ date: this.date.value });
    });
    return el("div", { class: "ways" }, el("div", {}, hour, morning), form);
  }

  #showDates(clock) {
    if (!clock.at) return;
    this.date.min = dateOf(clock.at, clock.zone, 1);
    this.date.max = dateOf(clock.at, clock.zone, FURTHEST - 1);
    if (!this.date.value || this.date.value < this.date.min) this.date.value = this.date.min;
  }

  #go(body) {
    this.panel.hidePopover();
    this.#step(body);
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
