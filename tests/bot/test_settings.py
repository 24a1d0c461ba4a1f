"""Settings: what is wrong is told at once, with the way to mend it, and no secret is repeated."""

from __future__ import annotations

import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import Settings, SettingsError, alone, load
from bot.settings_rules import RULES, problems
from tests.bot.test_serve import environment

SIGNING = "0123456789abcdef" * 2
TOKEN = "xoxb-1111-2222-aaaabbbbcccc"
APP_TOKEN = "xapp-1-A0WORTH-3333-ddddeeeeffff"
KEY, NEWER_KEY = (urlsafe_b64encode(letter * 32).decode() for letter in (b"k", b"n"))
ONE = {"slack_bot_token": TOKEN, "slack_signing_secret": SIGNING}
SOCKET = {"slack_bot_token": TOKEN, "slack_app_token": APP_TOKEN}
MANY = {
    "slack_client_id": "1111.2222",
    "slack_client_secret": "fedcba9876543210" * 2,
    "slack_signing_secret": SIGNING,
    "public_url": "https://worthwhile.example",
    "secret_keys": KEY,
}


def settings(**given: str) -> Settings:
    """The settings of these values, whatever the environment holds."""
    return load(_env_file=None, **given)


def told(**given: str) -> list[str]:
    """The names of the settings that are wrong."""
    try:
        settings(**given)
    except SettingsError as wrong:
        return [line.partition(":")[0] for line in str(wrong).splitlines()]
    return []


def sentence(**given: str) -> str:
    """The one thing that is wrong."""
    with pytest.raises(SettingsError) as wrong:
        settings(**given)
    (line,) = str(wrong.value).splitlines()
    assert "Value error" not in line
    return line


def test_without_slack_nothing_is_needed() -> None:
    found = settings()

    assert not found.has_slack
    assert not found.slack_over_http
    assert not found.slack_over_socket
    assert found.slack_signing_secrets == ()
    assert found.secret_key_list == ()


def test_one_workspace_over_http() -> None:
    found = settings(**ONE)

    assert (found.has_slack, found.slack_over_http, found.slack_over_socket) == (True, True, False)
    assert not found.installs_by_oauth


def test_one_workspace_over_a_socket() -> None:
    found = settings(**SOCKET)

    assert (found.has_slack, found.slack_over_http, found.slack_over_socket) == (True, False, True)


def test_both_ways_at_once() -> None:
    found = settings(**{**ONE, **SOCKET})

    assert (found.slack_over_http, found.slack_over_socket) == (True, True)


def test_many_workspaces() -> None:
    found = settings(**MANY)

    assert (found.has_slack, found.installs_by_oauth, found.slack_over_http) == (True, True, True)


def test_what_is_listed_is_in_order_and_trimmed() -> None:
    lists = {"secret_keys": f" {NEWER_KEY} , {KEY},", "slack_signing_secret": f"{'n' * 32}, {SIGNING},"}

    found = settings(**{**MANY, **lists})

    assert found.secret_key_list == (NEWER_KEY, KEY)
    assert found.slack_signing_secrets == ("n" * 32, SIGNING)


def test_white_space_around_a_value_is_no_part_of_it() -> None:
    found = settings(slack_bot_token=f" {TOKEN}\n", slack_signing_secret=f"{SIGNING} ")

    assert found.slack_bot_token.get_secret_value() == TOKEN
    assert found.slack_signing_secrets == (SIGNING,)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://worthwhile.example/", "https://worthwhile.example"),
        ("https://worthwhile.example:8443//", "https://worthwhile.example:8443"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://localhost", "http://localhost"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_a_public_address_is_kept_without_a_slash_at_its_end(given: str, kept: str) -> None:
    assert settings(public_url=given).public_url == kept


@pytest.mark.parametrize(
    "given",
    [
        "worthwhile.example",
        "http://worthwhile.example",
        "ftp://worthwhile.example",
        "https://",
        "https:///path",
        "https://worthwhile.example/slack/events",
        "https://worthwhile.example?a=1",
        "https://worthwhile.example#a",
        "https://user:password@worthwhile.example",
        "https://worthwhile.example:port",
        "https://worthwhile.example:99999",
        "https://worth while.example",
        "https://[worthwhile",
        "http://localhost.worthwhile.example",
        "http://127.0.0.1@worthwhile.example",
        "https:\\\\worthwhile.example",
    ],
)
def test_other_public_addresses_are_refused(given: str) -> None:
    assert told(public_url=given) == ["PUBLIC_URL"]


@pytest.mark.parametrize(
    "given", ["https://slack.example/api", "http://127.0.0.1:9000/api/", "http://localhost:1/api"]
)
def test_slacks_address_may_be_another_and_ends_in_a_slash(given: str) -> None:
    assert settings(slack_api_url=given).slack_api_url == given.rstrip("/") + "/"


def test_an_empty_address_of_slack_is_slacks_own() -> None:
    assert settings(slack_api_url="").slack_api_url == "https://slack.com/api/"


@pytest.mark.parametrize(
    "given", ["http://slack.com/api/", "slack.com", "https://a:b@slack.com/api", "https://x/?y"]
)
def test_tokens_are_sent_nowhere_in_plain_text(given: str) -> None:
    assert told(slack_api_url=given) == ["SLACK_API_URL"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("slack_signing_secret", "short"),
        ("slack_signing_secret", "with spaces in between it"),
        ("slack_signing_secret", ",,"),
        ("slack_signing_secret", f"{SIGNING},short"),
        ("slack_signing_secret", "ä" * 32),
        ("slack_bot_token", "xoxp-1111-2222-aaaa"),
        ("slack_bot_token", "xoxb-1111 2222"),
        ("slack_bot_token", "xoxb-"),
        ("slack_bot_token", f"xoxe.{TOKEN}"),
        ("slack_bot_token", APP_TOKEN),
        ("slack_bot_token", SIGNING),
        ("slack_app_token", TOKEN),
        ("slack_app_token", "xapp-"),
        ("slack_app_token", "xapp-1\t2"),
    ],
)
def test_a_value_that_can_be_none_is_refused_and_not_repeated(name: str, value: str) -> None:
    line = sentence(**{**ONE, **SOCKET, name: value})

    assert line.startswith(f"{name.upper()}: ")
    assert value.endswith("-") or value not in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("slack_client_id", "A0WORTH"),
        ("slack_client_id", "1111.2222.3333"),
        ("slack_client_secret", "short"),
        ("secret_keys", "too short"),
        ("secret_keys", f"{KEY[:-2]}="),
        ("secret_keys", f"{KEY},another"),
        ("secret_keys", ","),
    ],
)
def test_so_is_a_value_for_many_workspaces(name: str, value: str) -> None:
    line = sentence(**{**MANY, name: value})

    assert line.startswith(f"{name.upper()}: ")
    assert value == "," or value not in line


def test_tokens_in_each_others_place_are_told_apart() -> None:
    assert "belongs in SLACK_APP_TOKEN" in sentence(**{**ONE, "slack_bot_token": APP_TOKEN})
    assert "expires" in sentence(**{**ONE, "slack_bot_token": f"xoxe.{TOKEN}"})


def test_a_key_that_is_none_comes_with_the_command_that_makes_one() -> None:
    assert "Fernet.generate_key()" in sentence(**{**MANY, "secret_keys": "none"})
    assert "Fernet.generate_key()" in sentence(**{**MANY, "secret_keys": ""})


def test_a_token_needs_a_way_in() -> None:
    assert "missing" in sentence(slack_bot_token=TOKEN)
    assert "SLACK_APP_TOKEN" in sentence(slack_bot_token=TOKEN)


@pytest.mark.parametrize("beside", [{"slack_bot_token": TOKEN}, SOCKET, {**MANY}])
def test_a_signing_secret_is_never_empty(beside: dict[str, str]) -> None:
    assert told(**{**beside, "slack_signing_secret": "  "}) == ["SLACK_SIGNING_SECRET"]


@pytest.mark.parametrize("name", ["slack_client_secret", "slack_signing_secret", "public_url", "secret_keys"])
def test_what_many_workspaces_need_is_told_where_it_is_missing(name: str) -> None:
    line = sentence(**{key: value for key, value in MANY.items() if key != name})

    assert line.startswith(f"{name.upper()}: is needed beside SLACK_CLIENT_ID")


def test_everything_that_many_workspaces_need_is_told_at_once() -> None:
    assert told(slack_client_id="1111.2222") == [
        "SLACK_CLIENT_SECRET",
        "SLACK_SIGNING_SECRET",
        "PUBLIC_URL",
        "SECRET_KEYS",
    ]


def test_one_workspace_or_many_but_not_both() -> None:
    line = sentence(**MANY, slack_bot_token=TOKEN)

    assert line.startswith("SLACK_BOT_TOKEN: stands beside SLACK_CLIENT_ID")


@pytest.mark.parametrize("name", ["slack_signing_secret", "slack_app_token", "slack_client_secret"])
def test_what_does_nothing_alone_says_what_was_forgotten(name: str) -> None:
    assert "SLACK_" in sentence(**{name: {**MANY, **SOCKET}[name]}).partition(":")[2]


def test_values_and_what_must_come_together_are_told_in_one_go() -> None:
    parts = {"public_url": "x", "slack_bot_token": "y", "secret_keys": "z"}

    wrong = told(port="many", database_url="mysql://", host="", **parts)

    assert wrong == [
        "DATABASE_URL",
        "HOST",
        "PORT",
        "PUBLIC_URL",
        "SECRET_KEYS",
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
    ]


def test_a_database_of_another_kind_is_refused_in_our_own_words() -> None:
    assert sentence(database_url="mysql://here") == "DATABASE_URL: must start with sqlite:/// or postgresql://"


@pytest.mark.parametrize("port", ["0", "65536", "-1", "8080.5"])
def test_a_port_is_one_that_can_be_listened_on(port: str) -> None:
    assert told(port=port) == ["PORT"]


@given(st.dictionaries(st.sampled_from(sorted(RULES)), st.text(min_size=12, max_size=40), max_size=8))
def test_no_value_is_ever_in_a_sentence(values: dict[str, str]) -> None:
    for _, problem in problems(values):
        assert not [value for value in values.values() if value in problem]


def test_no_secret_is_shown_where_settings_are_shown() -> None:
    shown = repr(settings(**MANY, slack_app_token=APP_TOKEN))

    for secret in (SIGNING, KEY, APP_TOKEN, MANY["slack_client_secret"]):
        assert secret not in shown


def test_settings_that_stand_alone_take_nothing_from_where_they_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(f"SLACK_BOT_TOKEN={TOKEN}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", "many")

    found = alone(database_url="sqlite:///demo.db")

    assert (found.database_url, found.port, found.has_slack) == ("sqlite:///demo.db", 8080, False)


def test_a_file_beside_it_is_read_and_the_environment_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(f"SLACK_BOT_TOKEN={TOKEN}\nSLACK_SIGNING_SECRET=\nPORT=1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", SIGNING)

    found = load()

    assert (found.port, found.has_slack, found.slack_signing_secrets) == (1, True, (SIGNING,))


@pytest.mark.parametrize("command", ["serve", "web", "worker"])
@pytest.mark.parametrize("beside", [{"SLACK_BOT_TOKEN": TOKEN}, {"SLACK_CLIENT_ID": "1111.2222"}])
def test_nothing_starts_with_an_empty_signing_secret(command: str, beside: dict[str, str], tmp_path: Path) -> None:
    database = tmp_path / "worthwhile.db"
    given = environment(**beside, SLACK_SIGNING_SECRET="", DATABASE_URL=f"sqlite:///{database}")

    done = subprocess.run(
        [sys.executable, "-m", "bot", command], env=given, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 2
    assert "SLACK_SIGNING_SECRET: is" in done.stderr
    assert TOKEN not in done.stderr
    assert not database.exists()
