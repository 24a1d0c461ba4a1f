/** Panels that open beside a button: above everything, closed by Escape or a click elsewhere. */

const GAP = 6;

export function attach(button, panel, { opened = () => {} } = {}) {
  panel.popover = "auto";
  panel.classList.add("popover");
  button.popoverTargetElement = panel;
  button.setAttribute("aria-expanded", "false");
  const close = (event) => {
    if (!panel.contains(event.target)) panel.hidePopover();
  };
  panel.addEventListener("toggle", (event) => {
    const open = event.newState === "open";
    button.setAttribute("aria-expanded", String(open));
    panel.classList.toggle("placed", open);
    if (open) place(button, panel);
    if (open) opened();
    // The panel does not move with what scrolls beneath it, so it goes.
    window[open ? "addEventListener" : "removeEventListener"]("scroll", close, true);
  });
}

function place(button, panel) {
  const anchor = button.getBoundingClientRect();
  const { width, height } = panel.getBoundingClientRect();
  const left = Math.max(GAP, Math.min(anchor.left, innerWidth - width - GAP));
  const below = anchor.bottom + GAP;
  const top = below + height > innerHeight - GAP ? Math.max(GAP, anchor.top - height - GAP) : below;
  panel.style.setProperty("left", `${left}px`);
  panel.style.setProperty("top", `${top}px`);
}
