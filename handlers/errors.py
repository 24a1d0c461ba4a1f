"""What can be wrong with a request. Each docstring is the sentence the person reads, with the way out."""

from __future__ import annotations

from handlers.messages import Button


class HandlerError(Exception):
    """That did not work, and nothing was saved."""

    def __init__(self, *buttons: Button, **facts: object) -> None:
        self.buttons = buttons
        super().__init__((type(self).__doc__ or "").format_map(facts))


class FieldError(HandlerError):
    """{sentence}"""

    def __init__(self, field: str, sentence: str, *buttons: Button) -> None:
        self.field = field
        super().__init__(*buttons, sentence=sentence)


class NoTeam(HandlerError):
    """You are in no team. Type setup in your team's channel and it becomes one, or ask its lead to take you in."""


class NoTeamHere(HandlerError):
    """This channel is not a team yet. Type setup here and it becomes one; you see what happens first."""


class NotAllowed(HandlerError):
    """Only {who} of the team can do that."""


class Unknown(HandlerError):
    """I cannot find {what} any more. It may have been dropped or erased; type status to see what there is."""


class Guest(HandlerError):
    """I am for the members of this workspace, so I cannot help guests here. A member can show you the results."""


class Inactive(HandlerError):
    """Your account here is not active, so nothing was saved."""


class NotInTeam(HandlerError):
    """You do not take part in {team}. Its lead can take you in with setup."""


class OldButton(HandlerError):
    """This button is from an earlier version of the card. Type help to see what you can do now."""
