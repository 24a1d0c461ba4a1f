"""The app package: what is in it, that it names only what there is, and the command that writes it."""

from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path
from zipfile import ZipFile

import pytest

from bot.manifests import NoManifest, for_teams
from bot.slack import manifest as slack
from bot.teams import icons
from bot.teams.manifest import manifest, package
from handlers.catalog import CATALOG
from tests.commands import bot

APP = "0f8fad5b-d9cb-469f-a165-70867728950e"
ADDRESS = "https://bot.example.com"
MADE = manifest(APP, ADDRESS)
COMMANDS = [each for commands in MADE["bots"][0]["commandLists"] for each in commands["commands"]]


def pixels(picture: bytes) -> tuple[int, list[bytes]]:
    """A picture's width, and the bytes of each of its rows, four a pixel."""
    width, height = struct.unpack(">II", picture[16:24])
    length = struct.unpack(">I", picture[33:37])[0]
    rows = zlib.decompress(picture[41 : 41 + length])
    step = width * 4 + 1
    return width, [rows[start + 1 : start + step] for start in range(0, step * height, step)]


def test_every_text_is_within_what_teams_takes() -> None:
    assert len(MADE["name"]["short"]) <= 30
    assert len(MADE["name"]["full"]) <= 100
    assert len(MADE["description"]["short"]) <= 80
    assert len(MADE["description"]["full"]) <= 4_000
    (menu,) = MADE["composeExtensions"][0]["commands"]
    assert len(menu["title"]) <= 32
    assert len(menu["description"]) <= 128
    assert all(len(each["title"]) <= 32 and len(each["description"]) <= 128 for each in COMMANDS)
    assert all(len(commands["commands"]) <= 12 for commands in MADE["bots"][0]["commandLists"])


@pytest.mark.parametrize("command", {each["title"] for each in COMMANDS})
def test_every_suggested_command_is_one(command: str) -> None:
    assert CATALOG.verbs[command].name == command


def test_people_can_write_to_it_alone_in_a_team_and_in_a_group() -> None:
    (made,) = MADE["bots"]

    assert made["botId"] == MADE["id"] == APP
    assert made["scopes"] == ["personal", "team", "groupChat"]
    assert [each["scopes"] for each in made["commandLists"]] == [["personal"], ["team", "groupChat"]]


def test_a_message_can_be_kept_as_evidence_from_its_menu() -> None:
    (menu,) = MADE["composeExtensions"][0]["commands"]

    assert (menu["context"], menu["fetchTask"], menu["title"]) == (["message"], True, "Log as customer evidence")


def test_it_asks_for_no_right_to_read_what_is_said() -> None:
    assert "authorization" not in MADE
    assert "webApplicationInfo" not in MADE


def test_it_says_of_itself_what_it_says_on_slack() -> None:
    about = slack.manifest(ADDRESS)["display_information"]

    assert MADE["description"]["full"] == about["long_description"]
    assert about["description"].startswith(MADE["description"]["short"].rstrip("."))


def test_the_package_has_the_manifest_and_the_icons_it_names_and_is_the_same_each_time() -> None:
    made = package(APP, ADDRESS)

    with ZipFile(io.BytesIO(made)) as packed:
        inside = {name: packed.read(name) for name in packed.namelist()}
    assert json.loads(inside["manifest.json"]) == MADE
    assert set(inside) == {"manifest.json", *MADE["icons"].values()}
    assert made == package(APP, ADDRESS)


def test_the_coloured_icon_fills_its_square() -> None:
    width, rows = pixels(icons.colour())

    assert (width, len(rows)) == (192, 192)
    assert {row[at] for row in rows for at in range(3, len(row), 4)} == {255}
    assert len({row[at : at + 4] for row in rows for at in range(0, len(row), 4)}) > 3


def test_the_outline_is_white_on_nothing() -> None:
    width, rows = pixels(icons.outline())

    spots = [row[at : at + 4] for row in rows for at in range(0, len(row), 4)]
    assert (width, len(rows)) == (32, 32)
    assert {spot[:3] for spot in spots} == {b"\xff\xff\xff"}
    assert {spot[3] for spot in spots} >= {0, 255}
    assert spots[0][3] == 0


def test_the_command_writes_the_package_and_says_what_comes_next(tmp_path: Path) -> None:
    file = tmp_path / "app.zip"

    done = bot("manifest", "teams", "--url", f"{ADDRESS}/", "--app-id", APP, "--to", str(file))

    assert done.returncode == 0, done.stderr
    assert file.read_bytes() == package(APP, ADDRESS)
    assert f"{ADDRESS}/api/messages" in done.stdout


NOWHERE = Path("/nowhere/app.zip")
REFUSED: dict[str, tuple[str, str, Path, str]] = {
    "no address": ("", APP, NOWHERE, "PUBLIC_URL"),
    "an address that Teams does not call": ("http://bot.example.com", APP, NOWHERE, "https://"),
    "no app": (ADDRESS, "", NOWHERE, "TEAMS_APP_ID"),
    "an app ID that is none": (ADDRESS, "worthwhile", NOWHERE, "no app ID"),
    "a file that cannot be": (ADDRESS, APP, NOWHERE, "--to"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_missing_is_said(case: str) -> None:
    url, app, file, said = REFUSED[case]

    with pytest.raises(NoManifest, match=said):
        for_teams(url, app, file)


def test_another_service_has_none() -> None:
    done = bot("manifest", "irc")

    assert (done.returncode, "slack and one for teams" in done.stderr) == (2, True)


def test_only_what_is_secure_is_named() -> None:
    assert all(MADE["developer"][name].startswith("https://") for name in ("websiteUrl", "privacyUrl"))
    assert MADE["validDomains"] == ["bot.example.com"]
