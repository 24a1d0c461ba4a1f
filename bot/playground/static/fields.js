/** One input, on a card or on a form: its label, its control, its hint, its error, and what it holds. */

import { el, freshId, unseen, words } from "./dom.js";

const NEARLY_FULL = 0.8;
const RADIOS_AT_MOST = 5;

/**
 * Draws an input. Answers `{name, node, read, write, focus}`; what is read and written is always text.
 * On a card a choice is a select, which is smaller; on a form a short one is a row of radio buttons.
 */
export function drawField(input, { error = "", onCard = false } = {}) {
  const ids = { control: freshId("field"), hint: freshId("hint"), error: freshId("error") };
  const control = drawControl(input, ids, { error, onCard });
  const grouped = control.node.matches("fieldset");
  const node = el("div", { class: error ? "field wrong" : "field" });
  if (!grouped) node.append(labelOf(input, ids));
  if (input.hint && !grouped) node.append(words("p", input.hint, "hint"));
  node.append(control.node);
  if (control.count) node.append(control.count);
  if (error) node.append(el("p", { class: "error", id: ids.error, text: error }));
  if (input.hint) (grouped ? control.node : node).querySelector(".hint").id = ids.hint;
  return { name: input.name, node, read: control.read, write: control.write, focus: control.focus };
}

function labelOf(input, ids) {
  return el("label", { for: ids.control }, titleOf(input));
}

function titleOf(input) {
  return [words("span", input.label), input.optional && el("span", { class: "optional", text: "optional" })];
}

function drawControl(input, ids, { error, onCard }) {
  if (input.kind === "many") return drawBoxes(input, ids, error);
  if (input.kind !== "choice") return drawText(input, ids, error);
  // A radio button cannot be taken back, so an optional choice is a select with an empty entry.
  const short = input.choices.length <= RADIOS_AT_MOST && !input.optional && !onCard;
  return short ? drawRadios(input, ids, error) : drawSelect(input, ids, error);
}

function described(input, ids, error) {
  const by = [input.hint && ids.hint, error && ids.error].filter(Boolean).join(" ");
  return {
    "aria-describedby": by || null,
    "aria-invalid": error ? "true" : null,
  };
}

function drawText(input, ids, error) {
  const props = { id: ids.control, dir: "auto", value: input.value, ...described(input, ids, error) };
  const node =
    input.kind === "text"
      ? el("textarea", { ...props, rows: "3" })
      : el("input", { ...props, type: "text", autocomplete: "off" });
  if (!input.optional) node.setAttribute("aria-required", "true");
  const count = el("p", { class: "count", hidden: true });
  const recount = () => tellLength(count, node.value.length, input.limit);
  node.addEventListener("input", recount);
  recount();
  const write = (value) => {
    node.value = value;
    recount();
  };
  return { node, count, read: () => node.value, write, focus: () => node.focus() };
}

function tellLength(count, length, limit) {
  count.hidden = !limit || length <= limit * NEARLY_FULL;
  count.classList.toggle("over", length > limit);
  count.textContent = `${length.toLocaleString("en-GB")} of ${(limit ?? 0).toLocaleString("en-GB")} characters`;
}

function drawSelect(input, ids, error) {
  const node = el("select", { id: ids.control, ...described(input, ids, error) });
  const known = input.choices.some((choice) => choice.value === input.value);
  if (input.optional || !known) {
    node.append(el("option", { value: "", text: input.optional ? "None" : "Choose…" }));
  }
  node.append(...input.choices.map((choice) => el("option", { value: choice.value, text: choice.label })));
  const write = (value) => {
    node.value = value;
  };
  write(known ? input.value : "");
  return { node, read: () => node.value, write, focus: () => node.focus() };
}

function drawRadios(input, ids, error) {
  const group = drawGroup(input, ids, error, "radio", [input.value]);
  const write = (value) => group.check([value]);
  return { ...group, read: () => group.checked()[0] ?? "", write };
}

function drawBoxes(input, ids, error) {
  const group = drawGroup(input, ids, error, "checkbox", input.value.split(","));
  const write = (value) => group.check(value.split(","));
  return { ...group, read: () => group.checked().join(","), write };
}

function drawGroup(input, ids, error, type, picked) {
  const boxes = input.choices.map((choice) =>
    el("input", { type, name: ids.control, value: choice.value, checked: picked.includes(choice.value) }),
  );
  const options = boxes.map((box, at) => el("label", { class: "option" }, box, words("span", input.choices[at].label)));
  const role = type === "radio" ? "radiogroup" : null;
  const node = el("fieldset", { id: ids.control, role, ...described(input, ids, error) });
  node.append(el("legend", {}, titleOf(input)));
  if (input.hint) node.append(words("p", input.hint, "hint"));
  if (type === "checkbox") node.append(unseen("Any number of these."));
  node.append(el("div", { class: "options" }, options));
  return {
    node,
    checked: () => boxes.filter((box) => box.checked).map((box) => box.value),
    check: (values) => boxes.forEach((box) => (box.checked = values.includes(box.value))),
    focus: () => (boxes.find((box) => box.checked) ?? boxes[0])?.focus(),
  };
}
