"""Which addresses the bot's token may go to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nudges.port import Refused
from bot.teams.connectors import Connectors
from bot.teams.hosts import SERVICE_HOSTS, LoopbackOnly, ServiceHosts
from bot.teams.http import Http
from bot.teams.tokens import NoTokens

OWN = ServiceHosts(["smba.example.net", "127.0.0.1:9000", "proxy.example.net:8443"])


@pytest.mark.parametrize(
    "url",
    [
        *(f"https://{host}/emea/" for host in SERVICE_HOSTS),
        "https://smba.trafficmanager.net",
        "https://SMBA.trafficmanager.net:443/teams/",
        "https://smba.example.net/",
        "https://proxy.example.net:8443/",
        "http://127.0.0.1:9000/emea/",
    ],
)
def test_teams_own_and_the_operators_are_called(url: str) -> None:
    assert OWN.allows(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://smba.example.net/",
        "https://proxy.example.net/",
        "https://proxy.example.net:443/",
        "http://127.0.0.1:9001/",
        "http://127.0.0.1/",
        "http://127.0.0.1:9000@evil.example/",
        "https://x.smba.example.net/",
        "https://smba.trafficmanager.net.:443/",
        "https://smba.trafficmanager.net:0/",
        "https://smba。trafficmanager.net/",
        "https://smba.trafficmanager.net%2eevil.example/",
        "https://smba.trafficmanager.net\t/",
        "",
        None,
        5,
        ["https://smba.trafficmanager.net/"],
    ],
)
def test_nothing_else_is(url: object) -> None:
    assert not OWN.allows(url)


@given(st.text(max_size=60))
def test_whatever_the_text_there_is_an_answer(text: str) -> None:
    assert not ServiceHosts().allows(f"https://{text}.example/")
    assert not LoopbackOnly().allows(f"http://{text}.example/")


def test_a_connector_goes_nowhere_else_and_is_made_once() -> None:
    connectors = Connectors(Http(), NoTokens(), OWN)

    assert connectors.at("https://smba.example.net/") is connectors.at("https://smba.example.net/")
    with pytest.raises(Refused):
        connectors.at("https://evil.example/")
