/** Days and short times, in the time zone of the sample team's clock. */

export function dayOf(iso, zone) {
  return format(iso, zone, { weekday: "long", day: "numeric", month: "long" });
}

export function shortTime(iso, zone) {
  const day = format(iso, zone, { weekday: "short" });
  return `${day} ${format(iso, zone, { hour: "2-digit", minute: "2-digit" })}`;
}

/** Making a formatter costs far more than using one. */
const formatters = new Map();

function format(iso, zone, parts) {
  const key = JSON.stringify([zone, parts]);
  if (!formatters.has(key)) formatters.set(key, new Intl.DateTimeFormat("en-GB", { ...parts, timeZone: zone }));
  return formatters.get(key).format(new Date(iso));
}
