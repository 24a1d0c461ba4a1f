"""What a chat service asks for before it takes the bot: a manifest for Slack, a file to upload for Teams."""

from __future__ import annotations

from pathlib import Path

from bot import address
from bot.slack import manifest as slack
from bot.teams import manifest as teams

SERVICES = ("slack", "teams")


class NoManifest(Exception):
    """Something is missing; the text says what, and how to give it."""


def for_slack(url: str, *, socket: bool, oauth: bool, link: bool) -> str:
    """Slack's manifest, or with `link` an address that opens Slack with it filled in. Raises NoManifest."""
    if not url and (oauth or not socket):
        raise NoManifest(
            "Slack has to know where the bot is. Give --url https://…, set PUBLIC_URL, or use --socket alone."
        )
    if url and not address.is_callable(url):
        raise NoManifest(f"Slack calls only addresses such as https://bot.example.com, and not {url!r}.")
    made = slack.manifest(url, socket=socket, oauth=oauth)
    return slack.link(made) if link else slack.written(made)


def for_teams(url: str, app_id: str, path: Path) -> str:
    """Write the app package of Teams to a file. Returns what comes next, in a sentence. Raises NoManifest."""
    if not url:
        raise NoManifest("Teams has to know where the bot is. Give --url https://… or set PUBLIC_URL.")
    if not address.is_callable(url):
        raise NoManifest(f"Teams calls only addresses such as https://bot.example.com, and not {url!r}.")
    if not app_id:
        raise NoManifest("Teams has to know which bot it is. Give --app-id …, or set TEAMS_APP_ID.")
    if not teams.is_app_id(app_id):
        raise NoManifest(
            "That is no app ID: it is 32 letters and digits in five groups. Copy it from the bot's page in Azure."
        )
    try:
        path.write_bytes(teams.package(app_id, url))
    except OSError as problem:
        raise NoManifest(f"{path} cannot be written: {problem.strerror}. Give another place by --to.") from None
    return (
        f"{path} is the app package. Upload it in Teams under Apps, Manage your apps, Upload an app; "
        f"the bot's messaging endpoint in Azure is {url}/api/messages"
    )
