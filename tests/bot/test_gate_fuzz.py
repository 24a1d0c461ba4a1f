"""Requests that are broken at random: `make fuzz N=1000000` breaks more of them than each change does."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from multidict import CIMultiDict

from bot.gate import Admitted, Gate, Refusal
from bot.payload import Unreadable, read_form, read_json
from tests.bot.signed import COMMAND, EVENT, FORM, JSON, NOW, TAP, gate, headers

MUTATIONS = int(os.environ.get("FUZZ", "3000"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
SHARDS = 4
SIGNED = ("X-Slack-Request-Timestamp", "X-Slack-Signature")

Sent = tuple[CIMultiDict[str], bytes]
Mutation = Callable[[random.Random, CIMultiDict[str], bytes], Sent]


def flip(chance: random.Random, text: bytes) -> bytes:
    """The same with one bit another; a bit alone where there is nothing."""
    place = chance.randrange(len(text) or 1)
    return text[:place] + bytes([(text or b"\0")[place] ^ (1 << chance.randrange(8))]) + text[place + 1 :]


def flip_in_body(chance: random.Random, sent: CIMultiDict[str], body: bytes) -> Sent:
    return sent, flip(chance, body)


def flip_in_what_signs(chance: random.Random, sent: CIMultiDict[str], body: bytes) -> Sent:
    name = chance.choice(SIGNED)
    sent[name] = flip(chance, sent[name].encode()).decode("utf-8", "surrogateescape")
    return sent, body


def flip_in_a_name(chance: random.Random, sent: CIMultiDict[str], body: bytes) -> Sent:
    name = chance.choice((*SIGNED, "Content-Type"))
    place = chance.randrange(len(name))
    value = sent.pop(name)
    sent[f"{name[:place]}{chance.choice('#0_~')}{name[place + 1 :]}"] = value
    return sent, body


def drop(chance: random.Random, sent: CIMultiDict[str], body: bytes) -> Sent:
    del sent[chance.choice((*SIGNED, "Content-Type"))]
    return sent, body


def double(chance: random.Random, sent: CIMultiDict[str], body: bytes) -> Sent:
    name = chance.choice((*SIGNED, "Content-Type"))
    sent.add(chance.choice((name, name.lower(), name.upper())), chance.choice((sent[name], "", "abc")))
    return sent, body


def another_time(chance: random.Random, sent: CIMultiDict[str], body: bytes) -> Sent:
    shift = chance.choice((1, -1)) * chance.randrange(1, 10**6)
    odd = (
        "abc",
        "",
        "9" * 5_000,
        "-1",
        "nan",
        "1e9",
        "0x10",
        "٣" * 10,
        str(NOW.timestamp()),
        f"0{sent[SIGNED[0]]}",
    )
    sent[SIGNED[0]] = chance.choice((str(int(sent[SIGNED[0]]) + shift), *odd))
    return sent, body


def signed_at_another_time(chance: random.Random, sent: CIMultiDict[str], body: bytes) -> Sent:
    off = chance.choice((1, -1)) * chance.randrange(301, 10**7)
    return headers(body, sent["Content-Type"], at=int(NOW.timestamp()) + off), body


def another_signature(chance: random.Random, sent: CIMultiDict[str], body: bytes) -> Sent:
    valid = sent[SIGNED[1]]
    random_one = f"v0={chance.getrandbits(256):064x}"
    odd = (valid.upper(), valid[3:], f"v1={valid[3:]}", "é" * 67, "v0=\udc80", valid + "0", "", random_one)
    sent[SIGNED[1]] = chance.choice(odd)
    return sent, body


def signed_by_another(chance: random.Random, sent: CIMultiDict[str], body: bytes) -> Sent:
    return headers(body, sent["Content-Type"], secret=f"{chance.getrandbits(128):032x}"), body


def cut(chance: random.Random, sent: CIMultiDict[str], body: bytes) -> Sent:
    return sent, body[: chance.randrange(len(body))]


def grown(chance: random.Random, sent: CIMultiDict[str], body: bytes) -> Sent:
    place = chance.randrange(len(body) + 1)
    return sent, body[:place] + chance.randbytes(chance.randrange(1, 50)) + body[place:]


def another_kind(chance: random.Random, sent: CIMultiDict[str], body: bytes) -> Sent:
    kinds = ("text/html", "application/xml", "application/json; charset=latin-1", "json", "\udcff", "a" * 5_000)
    sent["Content-Type"] = chance.choice(kinds)
    return sent, body


MUTATIONS_OF_ALL_KINDS: tuple[Mutation, ...] = (
    flip_in_body,
    flip_in_what_signs,
    flip_in_a_name,
    drop,
    double,
    another_time,
    signed_at_another_time,
    another_signature,
    signed_by_another,
    cut,
    grown,
    another_kind,
)


def mutant(seed: int) -> tuple[str, Sent]:
    """A signed request with one thing broken, the same for the same seed; and what was broken."""
    chance = random.Random(seed)  # noqa: S311 - a seed repeats it
    body, kind = chance.choice(((COMMAND, FORM), (TAP, FORM), (EVENT, JSON)))
    mutation = chance.choice(MUTATIONS_OF_ALL_KINDS)
    return mutation.__name__, mutation(chance, headers(body, kind), body)


@pytest.mark.timeout(0)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_whatever_is_broken_in_a_signed_request_it_is_refused(shard: int) -> None:
    guard = gate()

    for seed in range(SEED * MUTATIONS + shard, (SEED + 1) * MUTATIONS, SHARDS):
        name, sent = mutant(seed)
        passed = guard.check(*sent)
        assert isinstance(passed, Refusal), f"{name}, seed {seed}"
        assert passed.status in (400, 401), f"{name}, seed {seed}"


@pytest.mark.timeout(0)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_whatever_a_signed_body_says_it_is_read_or_refused(shard: int) -> None:
    guard = gate()

    for seed in range(SEED * MUTATIONS + shard, (SEED + 1) * MUTATIONS, SHARDS):
        chance = random.Random(seed)  # noqa: S311 - a seed repeats it
        body, kind = chance.choice(((COMMAND, FORM), (TAP, FORM), (EVENT, JSON)))
        for _ in range(chance.randrange(1, 6)):
            body = flip(chance, body)
        assert is_read_or_refused(guard, headers(body, kind), body), f"seed {seed}"


def is_read_or_refused(guard: Gate, sent: CIMultiDict[str], body: bytes) -> bool:
    """Whether a signed body gives an object, or 400."""
    passed = guard.check(sent, body)
    return isinstance(passed.values, dict) if isinstance(passed, Admitted) else passed.status == 400


TEXT = st.text(max_size=20)
HELD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(TEXT, inner, max_size=6),
    max_leaves=60,
)
OBJECTS = st.dictionaries(TEXT, HELD, min_size=1, max_size=6)
BRACKETS = st.lists(
    st.sampled_from(["[", "]", "{", "}", '"', "\\", "a", ":", ",", "[" * 40, "]" * 40]), max_size=60
)


def without_nul(value: Any) -> Any:
    """The same with NUL as the gate writes it."""
    return json.loads(json.dumps(value).replace("\\u0000", "\\ufffd"))


@given(OBJECTS)
def test_an_object_is_read_as_it_was_written(value: dict[str, Any]) -> None:
    assume("\\\\u0000" not in json.dumps(value))

    assert read_json(json.dumps(value).encode()) == without_nul(value)


@given(st.text(max_size=80), st.text(max_size=80), st.binary(max_size=200), st.sampled_from([JSON, FORM, ""]))
def test_no_header_and_no_body_makes_it_raise(timestamp: str, signature: str, body: bytes, kind: str) -> None:
    sent = CIMultiDict({"Content-Type": kind, SIGNED[0]: timestamp, SIGNED[1]: signature})

    assert isinstance(gate().check(sent, body), Refusal)


@given(st.binary(max_size=300), st.sampled_from([JSON, FORM]))
def test_no_signed_body_makes_it_raise(body: bytes, kind: str) -> None:
    assert is_read_or_refused(gate(), headers(body, kind), body)


@given(BRACKETS)
def test_no_brackets_get_deeper_than_is_read(pieces: list[str]) -> None:
    text = "".join(pieces)

    for body in (text, f'{{"a": {text}}}', json.dumps({"a": text})):
        try:
            value = read_json(body.encode())
        except Unreadable:
            continue
        assert deep(value) <= 60
        assert value == json.loads(body)


def deep(value: Any) -> int:
    """How deep a value is."""
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if held is None else 1 + max(map(deep, held), default=0)


@given(st.dictionaries(TEXT.filter(lambda name: name != "payload"), TEXT, min_size=1, max_size=20))
def test_a_form_is_read_as_it_was_written(fields: dict[str, str]) -> None:
    assert read_form(urlencode(fields).encode()) == without_nul(fields)
