/** The parts a card or the head of a form is made of, each drawn from its data. */

import { el, words } from "./dom.js";
import { icon } from "./icons.js";

/** Longer texts are folded, so that one message never buries the others. */
const FOLD_AT = 1200;

export function paragraph(text, className = "") {
  if (text.length <= FOLD_AT) return words("p", text, className);
  const body = words("p", text, `${className} folded`);
  const size = text.length.toLocaleString("en-GB");
  const more = el("button", { type: "button", class: "link", "aria-expanded": "false", text: `Show all ${size} characters` });
  more.addEventListener("click", () => {
    const folded = body.classList.toggle("folded");
    more.setAttribute("aria-expanded", String(!folded));
    more.textContent = folded ? `Show all ${size} characters` : "Show less";
  });
  return el("div", { class: "long" }, body, more);
}

const DRAW = {
  text: (block) => paragraph(block.text),
  note: (block) => paragraph(block.text, "note"),
  quote: drawQuote,
  facts: drawFacts,
  items: (block) => el("ul", { class: "items" }, block.items.map((item) => words("li", item))),
  table: drawTable,
  picture: drawPicture,
  divider: () => el("hr"),
  file: drawFile,
};

/** `special` draws the kinds that need the card around them: scale and ask. */
export function drawBlock(block, special = {}) {
  const draw = special[block.kind] ?? DRAW[block.kind];
  if (draw) return draw(block);
  // A newer server may know more kinds; saying so beats leaving a hole.
  return el("p", { class: "note", text: `This page cannot show a part of kind “${block.kind}”.` });
}

function drawQuote(block) {
  const quote = el("blockquote", {}, paragraph(block.text));
  if (block.who) quote.append(words("footer", block.who));
  return quote;
}

function drawFacts(block) {
  const rows = block.rows.map(([label, value]) => el("div", {}, words("dt", label), words("dd", value)));
  return el("dl", { class: "facts" }, rows);
}

function drawTable(block) {
  const head = el("tr", {}, block.head.map((cell) => headCell(cell)));
  const rows = block.rows.map((row) => el("tr", {}, row.map((cell) => words("td", cell))));
  const table = el("table", {}, el("thead", {}, head), el("tbody", {}, rows));
  // Wide tables scroll by themselves; focusable so that the arrow keys can do it too.
  const label = `Table: ${block.head.join(", ")}`;
  return el("div", { class: "table", tabindex: "0", role: "region", "aria-label": label }, table);
}

function headCell(text) {
  const cell = words("th", text);
  cell.scope = "col";
  return cell;
}

function drawPicture(block) {
  const rows = block.bars.map(drawBar);
  return el("div", { class: "picture", role: "img", "aria-label": block.alt }, rows);
}

function drawBar(bar) {
  const fill = el("span", { class: "bar-fill" });
  const share = Math.max(0, Math.min(1, Number(bar.share) || 0));
  fill.style.setProperty("--share", `${share * 100}%`);
  return el(
    "div",
    { class: "bar-row" },
    words("span", bar.label, "bar-label"),
    el("span", { class: "bar-track" }, fill),
    words("span", bar.value, "bar-value"),
  );
}

function drawFile(block) {
  // Never under its own media type: a page opened from here would run with this page's rights.
  const blob = new Blob([block.content], { type: "application/octet-stream" });
  const link = el("a", { class: "file", download: block.name, href: URL.createObjectURL(blob) });
  link.append(icon("file"), words("span", block.name, "file-name"), el("span", { class: "file-size", text: sizeOf(blob) }));
  return link;
}

function sizeOf(blob) {
  if (blob.size < 1000) return `${blob.size} bytes`;
  const inKilobytes = blob.size / 1000;
  return inKilobytes < 1000 ? `${inKilobytes.toFixed(1)} kB` : `${(inKilobytes / 1000).toFixed(1)} MB`;
}
