/** The sample team as this page knows it: people, messages, clock, tour, and who has not seen what. */

export const BOT = "bot";

export class World {
  constructor() {
    this.people = [];
    this.channel = { id: "", name: "" };
    this.messages = new Map();
    this.clock = { at: "", zone: "UTC", text: "" };
    this.upcoming = [];
    this.local = {};
    this.steps = [];
    this.sample = "";
    this.unread = new Map();
  }

  load(state) {
    Object.assign(this, {
      people: state.people,
      channel: state.channel,
      clock: state.clock,
      upcoming: state.upcoming,
      local: state.local,
      steps: state.tour.steps,
      sample: state.sample,
      messages: new Map(state.messages.map((message) => [message.id, message])),
    });
  }

  person(id) {
    return this.people.find((person) => person.id === id);
  }

  nameOf(id) {
    return id === BOT ? "Worthwhile" : this.person(id)?.name ?? "Someone";
  }

  addressOf(person, tab) {
    return tab === "dm" ? `dm:${person}` : `channel:${this.channel.id}`;
  }

  /** What one person sees in one place, without the replies. */
  top(person, tab) {
    return this.#seenBy(person).filter((m) => m.place === this.addressOf(person, tab) && !m.thread);
  }

  replies(person, id) {
    return this.#seenBy(person).filter((message) => message.thread === id);
  }

  #seenBy(person) {
    return [...this.messages.values()].filter((message) => isFor(message, person));
  }

  /** The people whose chat a message lands in, each with the tab it lands on. */
  readersOf(message) {
    const tab = message.place.startsWith("dm:") ? "dm" : "channel";
    return this.people
      .filter((person) => message.place === this.addressOf(person.id, tab))
      .filter((person) => isFor(message, person.id) && message.author !== person.id)
      .map((person) => ({ person: person.id, tab }));
  }

  markUnread(person, tab, id) {
    const key = `${person} ${tab}`;
    this.unread.set(key, (this.unread.get(key) ?? new Set()).add(id));
  }

  markRead(person, tab) {
    this.unread.delete(`${person} ${tab}`);
  }

  unreadIn(person, tab) {
    return this.unread.get(`${person} ${tab}`)?.size ?? 0;
  }

  unreadOf(person) {
    return this.unreadIn(person, "dm") + this.unreadIn(person, "channel");
  }

  remove(id) {
    this.messages.delete(id);
    for (const ids of this.unread.values()) ids.delete(id);
  }
}

function isFor(message, person) {
  return !message.only_for || message.only_for === person;
}
