"""What the bot says of itself where it is installed, the same on every chat service."""

from __future__ import annotations

NAME = "Worthwhile"
COLOUR = "#1f3d36"
QUESTION = "Is what we build worth it to the people who pay for it? One question a day"
DESCRIPTION = f"{QUESTION}, and a look back."
LONG_DESCRIPTION = (
    "Worthwhile keeps a team honest about one thing: is what we build worth it to the people who pay for it? "
    "It asks one question a day, answered in one tap, has success defined before work starts, and after the "
    "release sets the plan against what happened.\n\n"
    "It keeps what people give it and never reads a channel's history. Check-ins are shown to the team without "
    "names, and only once enough people have answered. Everybody can see, export and erase what is theirs."
)
EVIDENCE = "Log as customer evidence"
ABOUT_EVIDENCE = "Keep what a customer said or did, with its link"
