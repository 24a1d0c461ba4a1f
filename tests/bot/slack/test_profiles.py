"""What Slack tells of people and channels, in the bot's own words."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack import profiles
from bot.slack.installs import Install
from storage.directory import Role

TEAM, ORGANISATION = "T1", "E1"
HERE = Install(TEAM, "token", "UBOT", False, ())
WIDE = Install(ORGANISATION, "token", "UBOT", True, ())
ANA: dict[str, Any] = {
    "id": "U1",
    "team_id": TEAM,
    "name": "ana",
    "real_name": "Ana Ruiz",
    "tz": "Europe/London",
    "tz_offset": 3600,
    "locale": "en-GB",
    "profile": {"display_name": "", "real_name": "Ana Ruiz", "title": "Product manager"},
}


def role(install: Install = HERE, **changes: Any) -> Role:
    """What Ana may do, with these changes."""
    return profiles.person({**ANA, **changes}, install).role


def in_organisation(*teams: str, **flags: bool) -> dict[str, Any]:
    """What Slack adds for a member of an organisation."""
    return {"enterprise_user": {"enterprise_id": ORGANISATION, "teams": list(teams), **flags}}


def test_a_person_has_a_name_work_a_zone_a_language_and_a_role() -> None:
    ana = profiles.person(ANA, HERE)

    assert (ana.external_id, ana.name, ana.does) == ("U1", "Ana Ruiz", "Product manager")
    assert (ana.zone, ana.locale, ana.role) == ("Europe/London", "en_GB", Role.MEMBER)
    assert (ana.is_bot, ana.is_active) == (False, True)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"profile": {"display_name": "Annie", "real_name": "Ana Ruiz"}}, "Annie"),
        ({"profile": {"display_name": "  ", "real_name": "Ana Ruiz"}}, "Ana Ruiz"),
        ({"profile": {}}, "Ana Ruiz"),
        ({"profile": None, "real_name": None}, "ana"),
        ({"profile": None, "real_name": None, "name": ""}, "U1"),
        ({"profile": {"display_name": "A\x00n\nn\ud800ie"}}, "An nie"),
    ],
)
def test_people_are_called_what_they_chose_or_else_what_they_are_called(
    changes: dict[str, Any], name: str
) -> None:
    assert profiles.person({**ANA, **changes}, HERE).name == name


@pytest.mark.parametrize(
    ("tz", "zone"),
    [("Asia/Kolkata", "Asia/Kolkata"), ("Nowhere/City", ""), ("../etc/passwd", ""), (None, ""), (3600, "")],
)
def test_a_zone_is_one_with_a_name_and_never_an_offset(tz: object, zone: str) -> None:
    assert profiles.person({**ANA, "tz": tz}, HERE).zone == zone


@pytest.mark.parametrize(
    ("locale", "kept"),
    [
        ("en-US", "en_US"),
        ("pt-BR", "pt_BR"),
        ("zh-CN", "zh_CN"),
        ("es-LA", "es_419"),
        ("xx-YY", ""),
        (None, ""),
        ("not a locale", ""),
    ],
)
def test_a_locale_has_its_territory_and_is_known(locale: object, kept: str) -> None:
    assert profiles.person({**ANA, "locale": locale}, HERE).locale == kept


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"is_admin": True}, Role.ADMIN),
        ({"is_owner": True}, Role.ADMIN),
        ({"is_primary_owner": True}, Role.ADMIN),
        ({"is_restricted": True}, Role.GUEST),
        ({"is_restricted": True, "is_ultra_restricted": True}, Role.GUEST),
        ({"is_restricted": True, "is_admin": True}, Role.GUEST),
        ({"is_stranger": True}, Role.OUTSIDER),
        ({"team_id": "T2"}, Role.OUTSIDER),
        ({"team_id": "T2", "is_admin": True}, Role.OUTSIDER),
        ({"team_id": ORGANISATION, **in_organisation(TEAM, "T2")}, Role.MEMBER),
        ({"team_id": "T2", **in_organisation("T2")}, Role.OUTSIDER),
    ],
)
def test_in_a_workspace_its_own_people_are_members_admins_or_guests(
    changes: dict[str, Any], expected: Role
) -> None:
    assert role(**changes) is expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"team_id": "T2", **in_organisation("T2")}, Role.MEMBER),
        ({"team_id": ORGANISATION}, Role.MEMBER),
        ({"is_admin": True, **in_organisation(TEAM)}, Role.MEMBER),
        (in_organisation(TEAM, is_admin=True), Role.ADMIN),
        (in_organisation(TEAM, is_owner=True), Role.ADMIN),
        ({"is_restricted": True, **in_organisation(TEAM)}, Role.GUEST),
        ({"enterprise_user": {"enterprise_id": "E2"}}, Role.OUTSIDER),
        ({}, Role.OUTSIDER),
    ],
)
def test_in_an_organisation_any_of_its_teams_is_home_and_only_its_own_admins_are_admins(
    changes: dict[str, Any], expected: Role
) -> None:
    assert role(WIDE, **changes) is expected


@pytest.mark.parametrize("changes", [{"is_bot": True}, {"is_workflow_bot": True}, {"id": "USLACKBOT"}])
def test_bots_are_bots_though_slack_does_not_count_its_own(changes: dict[str, Any]) -> None:
    assert profiles.person({**ANA, **changes}, HERE).is_bot


def test_a_deactivated_person_is_inactive() -> None:
    assert not profiles.person({**ANA, "deleted": True}, HERE).is_active


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, (False, False, False)),
        ({"is_private": True}, (True, False, False)),
        ({"is_group": True}, (True, False, False)),
        ({"is_ext_shared": True}, (False, True, False)),
        ({"is_pending_ext_shared": True}, (False, True, False)),
        ({"is_shared": True, "is_org_shared": True}, (False, False, False)),
        ({"is_archived": True}, (False, False, True)),
    ],
)
def test_a_channel_is_private_shared_or_archived(told: dict[str, bool], expected: tuple[bool, ...]) -> None:
    channel = profiles.channel({"id": "C1", "name": "checkout", **told})

    assert channel.name == "#checkout"
    assert (channel.is_private, channel.is_shared, channel.is_archived) == expected
