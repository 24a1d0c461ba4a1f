/** Days and short times, in the time zone of the sample team's clock. */

export function dayOf(iso, zone) {
  return format(iso, zone, { weekday: "long", day: "numeric", month: "long" });
}

export function shortTime(iso, zone) {
  const day = format(iso, zone, { weekday: "short" });
  return `${day} ${format(iso, zone, { hour: "2-digit", minute: "2-digit" })}`;
}

/** The date some days after an instant, as a date field takes it: 2026-12-24. */
export function dateOf(iso, zone, daysLater) {
  const later = new Date(new Date(iso).getTime() + daysLater * 24 * 60 * 60 * 1000).toISOString();
  const [day, month, year] = format(later, zone, { day: "2-digit", month: "2-digit", year: "numeric" }).split("/");
  return `${year}-${month}-${day}`;
}

/** Making a formatter costs far more than using one. */
const formatters = new Map();

function format(iso, zone, parts) {
  const key = JSON.stringify([zone, parts]);
  if (!formatters.has(key)) formatters.set(key, new Intl.DateTimeFormat("en-GB", { ...parts, timeZone: zone }));
  return formatters.get(key).format(new Date(iso));
}
