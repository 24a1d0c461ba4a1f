"""What the bot asks a workspace to allow, and why: the one list for installing, the manifest, checks and docs."""

from __future__ import annotations

# Pairs of a scope and a sentence for whoever has to allow it.
SCOPES: tuple[tuple[str, str], ...] = (
    ("commands", "People talk to the bot with /value and with its two shortcuts."),
    ("chat:write", "It answers, asks its questions, and posts what a team publishes, only in channels it is in."),
    (
        "im:history",
        "It reads what people write to it in their own direct message with it, and no other conversation.",
    ),
    ("im:write", "It opens the direct message in which it asks somebody a question."),
    ("app_mentions:read", "It hears the messages that mention it by name, and no others of a channel."),
    (
        "users:read",
        "It needs names, time zones and who is a guest, a bot or gone, to ask the right people in their morning.",
    ),
    ("channels:read", "It needs a public channel's name and members, to know who is in a team."),
    ("groups:read", "It needs the same of those private channels to which somebody has invited it."),
    ("channels:join", "It joins the public channel in which somebody sets up a team, so that it can post there."),
    ("files:write", "It uploads its own charts and the exports that people ask for, and reads no files."),
)

NAMES: tuple[str, ...] = tuple(name for name, _ in SCOPES)
