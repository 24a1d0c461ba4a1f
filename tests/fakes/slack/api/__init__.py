"""The methods of Slack's Web API that this one has."""

from __future__ import annotations

from tests.fakes.slack.api import auth, chat, conversations, files, users, views
from tests.fakes.slack.api.calls import Method

METHODS: dict[str, Method] = {
    **auth.METHODS,
    **users.METHODS,
    **conversations.METHODS,
    **chat.METHODS,
    **views.METHODS,
    **files.METHODS,
}
