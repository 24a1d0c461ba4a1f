/** Builds elements. Whatever people or the server wrote goes in as text, never as markup. */

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) put(node, name, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function put(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "class") node.className = value;
  else if (name === "text") node.textContent = value;
  else if (name === "value" || name === "checked") node[name] = value;
  else node.setAttribute(name, value === true ? "" : value);
}

/** Words somebody wrote: their own direction, their own line breaks. */
export function words(tag, text, className = "") {
  return el(tag, { class: `words ${className}`.trim(), dir: "auto", text });
}

export function unseen(text) {
  return el("span", { class: "unseen", text });
}

let counter = 0;

/** An id that is unique on this page; the same message can be on screen twice. */
export function freshId(stem) {
  counter += 1;
  return `${stem}-${counter}`;
}
