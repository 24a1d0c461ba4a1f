/** The round picture of a person: their initials on a tint that is theirs. The bot shows its mark. */

import { el } from "./dom.js";
import { BOT } from "./world.js";

export function avatar(world, id) {
  if (id === BOT) return el("img", { class: "avatar", src: "/playground/static/favicon.svg", alt: "" });
  const at = world.people.findIndex((person) => person.id === id);
  const initials = world.person(id)?.initials ?? "?";
  return el("span", { class: `avatar tint-${(at % 5) + 1}`, "aria-hidden": "true", text: initials });
}
