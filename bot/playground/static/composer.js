/** Where a person writes: a growing text field, its send button, and the verbs one tap away. */

import { el, freshId } from "./dom.js";
import { icon } from "./icons.js";

const VERBS = ["help", "checkin", "define-success", "status", "summary week", "me", "why"];
const TALLEST = 180;
const NARROW = matchMedia("(max-width: 979px)");

export class Composer {
  /** `send(text)` answers a promise; where it fails the words come back. */
  constructor(send) {
    this.send = send;
    this.drafts = new Map();
    this.key = "";
    this.last = "";
    const id = freshId("composer");
    this.label = el("label", { class: "unseen", for: id });
    this.field = el("textarea", { id, rows: "1", dir: "auto", autocomplete: "off", enterkeyhint: "send" });
    this.button = el("button", { type: "submit", class: "main square", "aria-label": "Send" }, icon("send"));
    this.chips = el("div", { class: "chips", role: "group", "aria-label": "Commands to try" });
    this.hint = el("p", { class: "composer-hint", text: "Enter sends, Shift and Enter start a new line" });
    const box = el("div", { class: "composer-box" }, this.label, this.field, this.button);
    this.node = el("form", { class: "composer" }, this.chips, this.hint, box);
    this.#listen();
  }

  #listen() {
    this.field.addEventListener("input", () => this.#changed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#sendTyped();
    });
  }

  /** Each person, place and thread has its own draft. `prefix` is what a command starts with here. */
  turnTo({ key, label, placeholder, shortly, prefix }) {
    this.key = key;
    this.prefix = prefix;
    this.label.textContent = label;
    this.field.placeholder = NARROW.matches ? shortly : placeholder;
    this.field.value = this.drafts.get(key) ?? "";
    this.#changed();
  }

  fill(text) {
    this.field.value = text;
    this.#changed();
    this.field.focus();
    this.field.setSelectionRange(text.length, text.length);
  }

  #changed() {
    this.drafts.set(this.key, this.field.value);
    this.field.style.setProperty("height", "auto");
    this.field.style.setProperty("height", `${Math.min(this.field.scrollHeight, TALLEST)}px`);
    this.button.disabled = this.field.value.trim() === "";
    this.#offerVerbs();
  }

  #offerVerbs() {
    const typed = this.field.value.trim();
    const asking = typed === "" || typed.startsWith("/");
    const start = typed.replace(/^\/(value\s*)?/, "");
    // "/val" is somebody on the way to "/value": everything is still open.
    const fits = (verb) => verb.startsWith(start) || "value".startsWith(start);
    const verbs = this.prefix === null || !asking ? [] : VERBS.filter(fits);
    this.chips.replaceChildren(...verbs.map((verb) => this.#chip(verb)));
    this.chips.hidden = verbs.length === 0;
    this.hint.hidden = verbs.length > 0;
  }

  #chip(verb) {
    const run = () => {
      this.field.value = "";
      this.#changed();
      this.#deliver(this.prefix + verb);
      this.field.focus({ preventScroll: true });
    };
    return el("button", { type: "button", class: "chip", onclick: run, text: verb });
  }

  #key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#sendTyped();
    } else if (event.key === "ArrowUp" && this.field.value === "" && this.last) {
      event.preventDefault();
      this.fill(this.last);
    }
  }

  #sendTyped() {
    const text = this.field.value;
    if (text.trim() === "") return;
    this.field.value = "";
    this.#changed();
    this.#deliver(text);
  }

  async #deliver(text) {
    const key = this.key;
    this.last = text;
    const sent = await this.send(text);
    if (sent || this.drafts.get(key)) return;
    this.drafts.set(key, text);
    if (key === this.key) this.fill(text);
  }
}
