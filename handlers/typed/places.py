"""Cities people name for a time zone beyond those in the tz database, and the zones offered for an offset."""

from __future__ import annotations

CITIES = {
    "America/Los_Angeles": ("san francisco", "seattle", "san diego", "portland", "las vegas", "silicon valley"),
    "America/New_York": ("boston", "washington", "miami", "atlanta", "philadelphia", "nyc"),
    "America/Chicago": ("austin", "dallas", "houston", "minneapolis"),
    "America/Toronto": ("montreal", "ottawa"),
    "America/Sao_Paulo": ("rio de janeiro", "brasilia"),
    "Asia/Kolkata": (
        *("mumbai", "bombay", "delhi", "new delhi", "bangalore", "bengaluru"),
        *("hyderabad", "chennai", "pune", "india"),
    ),
    "Asia/Shanghai": ("beijing", "shenzhen", "guangzhou", "china"),
    "Asia/Jerusalem": ("tel aviv",),
    "Asia/Tokyo": ("osaka", "kyoto"),
    "Asia/Dubai": ("abu dhabi",),
    "Australia/Sydney": ("canberra",),
    "Europe/Berlin": ("munich", "hamburg", "frankfurt", "cologne", "germany"),
    "Europe/London": ("edinburgh", "manchester", "england", "uk"),
    "Europe/Madrid": ("barcelona", "valencia"),
    "Europe/Paris": ("lyon", "france"),
    "Europe/Rome": ("milan",),
    "Europe/Warsaw": ("krakow", "wroclaw"),
    "Europe/Zurich": ("geneva", "basel", "bern"),
}
# In the order in which they are offered: of each offset the place most people mean comes first.
KNOWN_PLACES = (
    *("Europe/London", "Africa/Accra", "Europe/Berlin", "Europe/Paris", "Europe/Madrid", "Europe/Athens"),
    *("Europe/Istanbul", "America/New_York", "America/Toronto", "America/Chicago", "America/Denver"),
    *("America/Los_Angeles", "America/Phoenix", "America/Panama", "America/Halifax", "America/St_Johns"),
    *("America/Sao_Paulo", "America/Anchorage", "Pacific/Honolulu", "Atlantic/Azores", "Africa/Lagos"),
    *("Africa/Johannesburg", "Africa/Nairobi", "Africa/Cairo", "Europe/Moscow", "Asia/Dubai", "Asia/Tehran"),
    *("Asia/Karachi", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Dhaka", "Asia/Yangon", "Asia/Bangkok"),
    *("Asia/Jakarta", "Asia/Singapore", "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Tokyo", "Asia/Seoul"),
    *("Asia/Jerusalem", "Australia/Perth", "Australia/Adelaide", "Australia/Darwin", "Australia/Brisbane"),
    *("Australia/Sydney", "Pacific/Auckland", "Pacific/Tongatapu", "Europe/Dublin", "Europe/Lisbon"),
    *("Europe/Helsinki", "Asia/Kabul", "Asia/Tashkent", "America/Argentina/Buenos_Aires", "America/Bogota"),
    "America/Caracas",
)
