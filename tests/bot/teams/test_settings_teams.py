"""Teams' settings: what is wrong is told at once, with the way to mend it, and no secret is repeated."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, load
from tests.bot.test_serve import environment

APP, TENANT, OTHER = (f"{letter * 8}-1111-4111-8111-{letter * 12}" for letter in "abc")
ONE = {"teams_app_id": APP, "teams_app_password": "a-secret~word", "teams_tenant_id": TENANT}


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


def test_a_registration_of_one_tenant() -> None:
    found = settings(**ONE)

    assert found.has_teams
    assert found.teams_tenants == (TENANT,)
    assert not found.lets_in_local_tools


def test_several_tenants_and_admins_are_listed() -> None:
    found = settings(**{**ONE, "teams_tenant_id": f" {TENANT}, {OTHER},"}, teams_admins="Ana@Example.org, B")

    assert found.teams_tenants == (TENANT, OTHER)
    assert found.teams_admin_list == ("ana@example.org", "b")


def test_a_managed_identity_needs_no_secret() -> None:
    identity = {"teams_app_id": APP, "teams_tenant_id": TENANT, "teams_app_type": "UserAssignedMSI"}

    assert told(**identity) == []
    assert told(**identity, teams_app_password="a-secret~word") == ["TEAMS_APP_PASSWORD"]


@pytest.mark.parametrize("name", ["teams_app_password", "teams_tenant_id"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_what_is_needed_is_told_where_it_is_missing_or_empty(name: str, value: str | None) -> None:
    given = {key: each for key, each in ONE.items() if key != name} | ({} if value is None else {name: value})

    assert told(**given) == [name.upper()]


def test_an_empty_app_id_is_never_taken_for_none() -> None:
    assert told(**{**ONE, "teams_app_id": ""}) == ["TEAMS_APP_ID"]


@pytest.mark.parametrize("name", ["teams_app_password", "teams_tenant_id", "teams_admins"])
def test_what_does_nothing_alone_says_what_was_forgotten(name: str) -> None:
    value = ONE.get(name, "ana@example.org")

    assert told(**{name: value}) == [name.upper()]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("teams_app_id", "worthwhile"),
        ("teams_app_id", f"{APP}0"),
        ("teams_tenant_id", "example.org"),
        ("teams_tenant_id", f"{TENANT},common"),
        ("teams_app_password", APP),
        ("teams_app_password", "short"),
        ("teams_app_password", "with spaces in it"),
        ("teams_app_type", "multitenant"),
        ("teams_service_hosts", "https://smba.example.net"),
        ("teams_service_hosts", "smba.example.net/emea"),
        ("teams_service_hosts", "10.0.0.1"),
        ("teams_service_hosts", "169.254.169.254:80"),
        ("teams_service_hosts", "[::1]:80"),
        ("teams_service_hosts", "localhost"),
        ("teams_service_hosts", "*.example.net"),
        ("teams_service_hosts", "user@smba.example.net"),
        ("teams_openid_metadata_url", "http://login.example.org/keys"),
        ("teams_token_url", "http://login.example.org/token"),
        ("teams_token_url", "https://user:word@login.example.org/token"),
        ("teams_local_tools", "yes"),
    ],
)
def test_a_value_that_can_be_none_is_refused_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as wrong:
        settings(**{**ONE, name: value})

    (line,) = str(wrong.value).splitlines()
    assert line.startswith(f"{name.upper()}: ")
    assert value not in line


@pytest.mark.parametrize("hosts", ["smba.example.net", "127.0.0.1:9000, smba.example.net:8443", "localhost:80"])
def test_hosts_of_ones_own_may_be_added(hosts: str) -> None:
    assert told(**ONE, teams_service_hosts=hosts) == []


@pytest.mark.parametrize("value", ["", "0", "false"])
def test_a_switch_that_is_off_is_off(value: str) -> None:
    assert not settings(**ONE, teams_local_tools=value).lets_in_local_tools


def test_no_secret_is_shown_where_settings_are_shown() -> None:
    assert ONE["teams_app_password"] not in repr(settings(**ONE))


def test_nothing_starts_with_an_empty_app_id(tmp_path: Path) -> None:
    database = tmp_path / "worthwhile.db"
    set_up = {name.upper(): value for name, value in ONE.items()} | {"TEAMS_APP_ID": ""}
    given = environment(**set_up, DATABASE_URL=f"sqlite:///{database}")

    done = subprocess.run(
        [sys.executable, "-m", "bot", "serve"], env=given, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 2
    assert "TEAMS_APP_ID: is empty" in done.stderr
    assert ONE["teams_app_password"] not in done.stderr
    assert not database.exists()
