/** A form of the bot as a dialog: it stays open, with everything typed, until the server has taken it. */

import { post } from "./api.js";
import { avatar } from "./avatar.js";
import { drawBlock } from "./blocks.js";
import { openDialog } from "./dialogs.js";
import { el } from "./dom.js";
import { drawField } from "./fields.js";

/** `opened` is an answer that holds a form; `closed` runs when the person is done with it. */
export function openForm(world, person, opened, closed) {
  const aside = el("p", { class: "dialog-who" }, avatar(world, person), `as ${world.nameOf(person)}`);
  const shell = openDialog({ title: opened.form.title, aside, className: "form", closed });
  fill(shell, person, opened, {});
}

function fill(shell, person, { form, form_id: formId }, typed) {
  const errors = form.errors ?? {};
  const fields = form.inputs.map((input) => drawField(input, { error: errors[input.name] }));
  for (const field of fields) if (field.name in typed) field.write(typed[field.name]);
  const submit = el("button", { type: "submit", class: "main", text: form.submit });
  const cancel = el("button", { type: "button", class: "plain", onclick: () => shell.dialog.close(), text: "Cancel" });
  // Inside the dialog, because nothing outside it can be reached while it is open.
  const problem = el("p", { class: "error form-problem", role: "alert" });
  const node = el(
    "form",
    { novalidate: true },
    el("div", { class: "form-scroll" }, summary(form), drawIntro(form), fields.map((field) => field.node)),
    problem,
    el("div", { class: "buttons end form-end" }, cancel, submit),
  );
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    send(shell, person, { form, formId, fields, submit, problem });
  });
  shell.heading.textContent = form.title;
  shell.body.replaceChildren(node);
  focusFirst(fields, errors, submit);
}

function drawIntro(form) {
  if (form.intro.length === 0) return null;
  return el("div", { class: "form-intro" }, form.intro.map((block) => drawBlock(block)));
}

/** Errors that belong to no field on the form still have to be read. */
function summary(form) {
  const names = form.inputs.map((input) => input.name);
  const loose = Object.entries(form.errors ?? {}).filter(([name]) => !names.includes(name));
  return loose.map(([, sentence]) => el("p", { class: "error", role: "alert", text: sentence }));
}

function focusFirst(fields, errors, submit) {
  const wrong = fields.find((field) => errors[field.name]);
  const first = wrong ?? fields[0];
  if (first) first.focus();
  else submit.focus();
  wrong?.node.scrollIntoView({ block: "nearest" });
}

async function send(shell, person, { form, formId, fields, submit, problem }) {
  if (submit.getAttribute("aria-disabled") === "true") return;
  const inputs = Object.fromEntries(fields.map((field) => [field.name, field.read()]));
  submit.setAttribute("aria-disabled", "true");
  problem.textContent = "";
  try {
    const answer = await post("submit", { person, form_id: formId, values: form.values, inputs });
    if (!answer.form) shell.dialog.close();
    else fill(shell, person, answer, Object.keys(answer.form.errors ?? {}).length > 0 ? inputs : {});
  } catch (refusal) {
    problem.textContent = refusal.message;
  } finally {
    submit.removeAttribute("aria-disabled");
  }
}
