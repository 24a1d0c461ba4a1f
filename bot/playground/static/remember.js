/** What this browser remembers between visits: who and what is in view, the theme, whether the tour is open. */

const KEY = "worthwhile.playground";

export function recall() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) || {};
  } catch {
    return {};
  }
}

export function remember(changes) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...recall(), ...changes }));
  } catch {
    // Without storage the page works the same; it only forgets.
  }
}
