/** One chat window: whose it is, which place is in view, its messages and its composer. */

import { post } from "./api.js";
import { avatar } from "./avatar.js";
import { Composer } from "./composer.js";
import { confirmFirst } from "./dialogs.js";
import { el, freshId, unseen, words } from "./dom.js";
import { openForm } from "./forms.js";
import { icon } from "./icons.js";
import { Log } from "./log.js";
import { fail } from "./toasts.js";

const DOUBLE_CLICK = 250;
const TABS = ["dm", "channel"];

const COMPOSER = {
  dm: { placeholder: "Write to Worthwhile: help, checkin, define-success …", shortly: "Write to Worthwhile", prefix: "" },
  channel: { placeholder: "Type /value help or @Worthwhile …", shortly: "/value help or @Worthwhile", prefix: "/value " },
};
const THREAD_COMPOSER = { placeholder: "Reply in the thread", shortly: "Reply in the thread", prefix: null };

export class Pane {
  /** `changed(pane)` runs whenever somebody picks another person or place here. */
  constructor(world, { person, tab, changed }) {
    Object.assign(this, { world, person, tab, changed, thread: null, busy: new Set(), view: "" });
    this.log = new Log(world, {
      tap: (message, button, inputs, entry) => this.#tap(message, button, inputs, entry),
      openThread: (id) => this.#openThread(id),
    });
    this.composer = new Composer((text) => this.#say(text));
    this.who = el("div", { class: "pane-who" });
    this.picker = this.#drawPicker();
    this.tabs = this.#drawTabs();
    this.threadBar = this.#drawThreadBar();
    this.panel = el("div", { class: "pane-panel", role: "tabpanel", id: freshId("panel") });
    this.panel.append(this.log.node, this.log.latest, this.composer.node);
    const head = el("header", { class: "pane-head" }, this.who, this.picker);
    this.node = el("section", { class: "pane" }, head, this.tabs.node, this.threadBar, this.panel);
    for (const tab of TABS) this.tabs[tab].setAttribute("aria-controls", this.panel.id);
  }

  get inView() {
    return this.node.offsetParent !== null;
  }

  shows(person, tab) {
    return this.inView && this.person === person && this.tab === tab;
  }

  turnTo(person, tab) {
    Object.assign(this, { person, tab, thread: null });
    this.changed(this);
  }

  /** Forgets what was drawn; the next messages may be others under the same ids. */
  reset() {
    this.thread = null;
    this.view = "";
  }

  /** Brings what is on screen in line with the world. Cheap where nothing changed. */
  show() {
    const { world, person, tab } = this;
    if (this.thread && !world.messages.has(this.thread)) this.thread = null;
    if (this.inView) world.markRead(person, tab);
    const view = `${person} ${tab} ${this.thread}`;
    if (view !== this.view) this.#restart(view);
    this.there.textContent = world.local[person] ?? "";
    this.#showPicker();
    this.#showTabs();
    this.log.show(this.#messages());
  }

  #messages() {
    const { world, person, tab, thread, busy } = this;
    if (thread) {
      return { messages: [world.messages.get(thread), ...world.replies(person, thread)], root: thread, busy };
    }
    return { messages: world.top(person, tab), repliesTo: (message) => this.#repliesTo(message), root: null, busy };
  }

  /** In the channel a thread can always be started; in direct messages only one that exists is shown. */
  #repliesTo(message) {
    const replies = this.world.replies(this.person, message.id);
    const offer = this.tab === "channel" && !message.only_for;
    return replies.length > 0 || offer ? replies : null;
  }

  #restart(view) {
    const { world, person, tab, thread } = this;
    const { name, role } = world.person(person);
    this.view = view;
    this.node.setAttribute("aria-label", `Chat of ${name}`);
    this.there = el("span", { class: "there" });
    this.who.replaceChildren(words("h2", name), el("p", {}, words("span", `${role} · `), this.there));
    const place = tab === "dm" ? `Direct messages of ${name} with Worthwhile` : `${world.channel.name}, as ${name} sees it`;
    this.log.restart(thread ? `Thread in ${world.channel.name}` : place, this.#intro());
    this.composer.turnTo({ key: view, ...this.#composing(name) });
    this.tabs.node.hidden = Boolean(thread);
    this.threadBar.hidden = !thread;
  }

  #intro() {
    if (this.thread) return el("div", { class: "intro-none" });
    const { name } = this.world.channel;
    const said =
      this.tab === "dm"
        ? "Only this person and Worthwhile are in this chat. Questions, receipts and answers arrive here."
        : `The team’s channel. Worthwhile keeps it quiet: one message for a thing that matters, the rest in its thread.`;
    const title = this.tab === "dm" ? "Direct messages with Worthwhile" : name;
    return el("div", { class: "intro" }, words("p", title, "intro-title"), el("p", { text: said }), words("p", this.world.sample, "note sample-again"));
  }

  #composing(name) {
    const label = `Write as ${name}`;
    if (this.thread) return { label: `${label}, in the thread`, ...THREAD_COMPOSER };
    return { label, ...COMPOSER[this.tab] };
  }

  #drawPicker() {
    const group = freshId("person");
    this.choices = this.world.people.map((person) => {
      const pick = () => this.turnTo(person.id, this.tab);
      const radio = el("input", { type: "radio", name: group, value: person.id, class: "unseen", onchange: pick });
      const news = el("span", { class: "dot", hidden: true });
      const name = el("span", { class: "unseen" });
      const label = el("label", { class: "pick", title: `${person.name}, ${person.role}` }, radio, avatar(this.world, person.id), name, news);
      return { person, radio, name, news, label };
    });
    const labels = this.choices.map((choice) => choice.label);
    return el("fieldset", { class: "picker" }, el("legend", { class: "unseen", text: "Whose chat" }), labels);
  }

  #showPicker() {
    for (const { person, radio, name, news } of this.choices) {
      const unread = this.world.unreadOf(person.id);
      radio.checked = person.id === this.person;
      news.hidden = unread === 0 || radio.checked;
      name.textContent = news.hidden ? person.name : `${person.name}, ${unread} new`;
    }
  }

  #drawTabs() {
    const node = el("div", { class: "tabs", role: "tablist", "aria-label": "Place" });
    const tabs = { node };
    for (const tab of TABS) {
      const pick = () => this.turnTo(this.person, tab);
      tabs[tab] = el("button", { type: "button", class: "tab", role: "tab", onclick: pick });
    }
    node.append(tabs.dm, tabs.channel);
    node.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      this.turnTo(this.person, this.tab === "dm" ? "channel" : "dm");
      tabs[this.tab].focus();
    });
    return tabs;
  }

  #showTabs() {
    for (const tab of TABS) {
      const chosen = tab === this.tab;
      const unread = this.world.unreadIn(this.person, tab);
      const label = tab === "dm" ? "Direct messages" : this.world.channel.name;
      const badge = unread > 0 && el("span", { class: "badge" }, String(unread), unseen(" new"));
      this.tabs[tab].replaceChildren(...[el("span", { text: label }), badge].filter(Boolean));
      this.tabs[tab].setAttribute("aria-selected", String(chosen));
      this.tabs[tab].tabIndex = chosen ? 0 : -1;
    }
    this.panel.setAttribute("aria-label", this.tab === "dm" ? "Direct messages" : this.world.channel.name);
  }

  #drawThreadBar() {
    const back = el("button", { type: "button", class: "quiet", onclick: () => this.#closeThread() }, icon("back"), "Back");
    return el("div", { class: "thread-bar", hidden: true }, back, el("h3", { text: "Thread" }));
  }

  #openThread(id) {
    this.thread = id;
    this.changed(this);
    this.threadBar.querySelector("button").focus();
  }

  #closeThread() {
    const id = this.thread;
    this.thread = null;
    this.changed(this);
    const link = this.log.entries.get(id)?.foot.querySelector("button");
    link?.scrollIntoView({ block: "nearest" });
    (link ?? this.log.node).focus({ preventScroll: true });
  }

  async #say(text) {
    const { person, tab, thread } = this;
    const place = this.world.addressOf(person, tab);
    try {
      const answer = await post("say", { person, place, thread, text });
      this.#mayOpen(answer, person, () => this.composer.field.focus());
      return true;
    } catch (refusal) {
      fail(refusal.message);
      return false;
    }
  }

  async #tap(message, button, inputs, entry) {
    const { person } = this;
    const opener = document.activeElement;
    if (this.busy.has(message.id)) return;
    if (button.confirm && !(await confirmFirst(button.confirm, button.label, { danger: button.style === "danger" }))) return;
    this.#setBusy(message.id, true);
    entry.tapped = true;
    try {
      const answer = await post("tap", { person, message: message.id, action: button.action, values: button.values, inputs });
      this.#mayOpen(answer, person, () => this.#returnTo(opener, message.id));
    } catch (refusal) {
      entry.tapped = false;
      fail(refusal.message);
    } finally {
      // A second click meant for the old card must not press what the new one has in its place.
      setTimeout(() => {
        this.#setBusy(message.id, false);
        entry.tapped = false;
      }, DOUBLE_CLICK);
    }
  }

  #setBusy(id, busy) {
    if (busy) this.busy.add(id);
    else this.busy.delete(id);
    this.log.show(this.#messages());
  }

  #mayOpen(answer, person, closed) {
    if (answer.form) openForm(this.world, person, answer, closed);
  }

  /** The card may have been redrawn while its form was open. */
  #returnTo(opener, id) {
    if (opener.isConnected && opener !== document.body) opener.focus();
    else if (!this.log.focusOn(id)) this.composer.field.focus();
  }
}
