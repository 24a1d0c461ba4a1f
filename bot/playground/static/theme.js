/* Runs before the first paint, so that a remembered theme never flashes the other one. */
try {
  const kept = JSON.parse(localStorage.getItem("worthwhile.playground") || "{}").theme;
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
} catch {
  // Storage can be switched off; the system's own preference then decides.
}
