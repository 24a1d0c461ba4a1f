"""What the gate lets in, what it refuses, and that nothing a stranger sends makes it fail."""

from __future__ import annotations

import json
from typing import Any

import pytest
from multidict import CIMultiDict

from bot.gate import Admitted, Refusal
from bot.payload import DEEPEST, MOST_BYTES, MOST_FIELDS, Unreadable, read_form, read_frame, read_json
from tests.bot.signed import COMMAND, EVENT, FORM, JSON, NOW, TAP, gate, headers

T0 = int(NOW.timestamp())
NEW, OLD = "n" * 32, "o" * 32


def status(sent: CIMultiDict[str], body: bytes = COMMAND) -> int:
    """What the gate says: 200 for what it lets in."""
    passed = gate().check(sent, body)
    return passed.status if isinstance(passed, Refusal) else 200


def changed(**changes: str | None) -> CIMultiDict[str]:
    """The headers of a signed command, some of them changed or, with None, left out."""
    sent = headers(COMMAND)
    for name, value in changes.items():
        del sent[name.replace("_", "-")]
        if value is not None:
            sent[name.replace("_", "-")] = value
    return sent


def test_a_signed_command_is_let_in_and_read() -> None:
    passed = gate().check(headers(COMMAND), COMMAND)

    assert isinstance(passed, Admitted)
    assert passed.body == COMMAND
    assert passed.values["text"] == "define-success Zahlung per Käuferkonto"


def test_a_signed_tap_is_read_from_its_payload() -> None:
    passed = gate().check(headers(TAP), TAP)

    assert isinstance(passed, Admitted)
    assert passed.values == {"type": "block_actions", "actions": [{"value": "4"}]}


def test_a_command_that_speaks_of_a_payload_is_a_command() -> None:
    body = b"command=%2Fvalue&text=evidence+the+payload+was+lost"

    passed = gate().check(headers(body), body)

    assert isinstance(passed, Admitted)
    assert passed.values == {"command": "/value", "text": "evidence the payload was lost"}


@pytest.mark.parametrize("kind", [JSON, "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'])
def test_a_signed_event_is_let_in_and_read(kind: str) -> None:
    passed = gate().check(headers(EVENT, kind), EVENT)

    assert isinstance(passed, Admitted)
    assert passed.values["event"] == {"type": "message", "text": "hi"}


def test_the_same_signed_bytes_pass_again_with_the_same_mark_and_others_have_another() -> None:
    first, again = (gate().check(headers(COMMAND), COMMAND) for _ in range(2))
    later = gate().check(headers(COMMAND, at=T0 + 1), COMMAND)

    assert isinstance(first, Admitted)
    assert isinstance(later, Admitted)
    assert first == again
    assert first.mark != later.mark


@pytest.mark.parametrize(("off", "told"), [(0, 200), (-299, 200), (299, 200), (-301, 401), (301, 401)])
def test_five_minutes_off_is_the_most_in_both_directions(off: int, told: int) -> None:
    assert status(headers(COMMAND, at=T0 + off)) == told


def test_both_secrets_pass_while_one_takes_the_others_place() -> None:
    both = gate(NEW, OLD)

    for secret in (NEW, OLD):
        assert isinstance(both.check(headers(COMMAND, secret=secret), COMMAND), Admitted)
    assert isinstance(both.check(headers(COMMAND), COMMAND), Refusal)


@pytest.mark.parametrize("secrets", [(), ("",), ("   ",), (NEW, "")])
def test_there_is_no_gate_without_a_secret(secrets: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="not empty"):
        gate(*secrets) if secrets else type(gate())(secrets, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "timestamp",
    [
        "",
        "abc",
        f"{T0}.0",
        f"-{T0}",
        f"+{T0}",
        f" {T0}",
        f"{T0}\n",
        "1e9",
        "9" * 12,
        "9" * 5_000,
        "٠١٢٣٤٥٦٧٨٩",
        "²",
        "nan",
    ],
)
def test_a_timestamp_is_digits_even_if_it_is_signed(timestamp: str) -> None:
    assert status(headers(COMMAND, at=timestamp)) == 401


VALID = headers(COMMAND)["X-Slack-Signature"]


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "v0=",
        VALID.removeprefix("v0="),
        VALID.upper(),
        f"v0={VALID[3:].upper()}",
        f"v1={VALID[3:]}",
        f"{VALID}\n",
        f"{VALID}0",
        VALID[:-1],
        f"{VALID}, {VALID}",
        f"v0={'é' * 64}",
        f"v0={'０' * 64}",
        "v0=\udcff" + "0" * 63,
        "v0=" + "0" * 64,
    ],
)
def test_a_signature_is_version_nought_and_64_small_hexadecimal_digits(signature: str) -> None:
    assert status(changed(X_Slack_Signature=signature)) == 401


@pytest.mark.parametrize("name", ["X-Slack-Signature", "X-Slack-Request-Timestamp"])
def test_what_signs_stands_there_exactly_once(name: str) -> None:
    twice, never = headers(COMMAND), headers(COMMAND)
    twice.add(name.lower(), twice[name])
    del never[name]

    assert status(twice) == 401
    assert status(never) == 401


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "multipart/form-data; boundary=x", "application/json; charset=utf-16", "application/jsonp"],
)
def test_other_kinds_of_body_are_refused(kind: str) -> None:
    assert status(headers(COMMAND, kind)) == 400


def test_a_kind_of_body_stands_there_exactly_once_and_nothing_is_unpacked() -> None:
    twice, packed = headers(COMMAND), headers(COMMAND)
    twice.add("Content-Type", FORM)
    packed["Content-Encoding"] = "gzip"

    assert status(twice) == 400
    assert status(changed(Content_Type=None)) == 400
    assert status(packed) == 400


@pytest.mark.parametrize("cut", [b"", COMMAND[:-1], COMMAND + b"&", COMMAND.replace(b"T0WORTH", b"T0OTHER")])
def test_a_body_that_is_not_the_signed_one_is_refused(cut: bytes) -> None:
    assert status(headers(COMMAND), cut) == 401


def test_a_body_of_another_request_is_refused() -> None:
    assert status(headers(TAP), COMMAND) == 401


UNREADABLE = {
    "nothing": b"",
    "broken": b'{"a": ',
    "two": b'{"a": 1}{"b": 2}',
    "a list": b"[1]",
    "a word": b'"a"',
    "a number": b"1",
    "null": b"null",
    "empty": b"{}",
    "no UTF-8": b'{"a": "\xff"}',
    "a byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "deep": b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1),
    "very deep": b"[" * 100_000 + b"]" * 100_000,
    "open": b"[" * 100_000,
    "deep behind a quote": b'{"\\\\": ' + b"[" * 100_000,
    "deep behind nonsense": b'\\" ' + b"[" * 100_000,
    "many digits": b'{"a": ' + b"9" * 5_000 + b"}",
    "beyond numbers": b'{"a": 1e999}',
    "not a number": b'{"a": NaN}',
    "endless": b'{"a": -Infinity}',
    "a control character": b'{"a": "\x00"}',
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_a_signed_body_that_is_no_sane_object_is_refused(body: bytes) -> None:
    payload = b"payload=" + b"".join(b"%%%02X" % byte for byte in body)

    assert status(headers(body, JSON), body) == 400
    assert status(headers(payload, FORM), payload) == 400


@pytest.mark.parametrize(
    "body",
    [
        b"text=%FF",
        b"text=\xff",
        b"&".join(b"a%d=1" % n for n in range(MOST_FIELDS + 1)),
        b"payload=%7B%22a%22%3A1%7D&payload=%7B%22b%22%3A1%7D",
        b"user_id=U1&user_id=U2",
    ],
)
def test_a_signed_form_that_is_no_sane_form_is_refused(body: bytes) -> None:
    assert status(headers(body), body) == 400


def test_a_body_is_refused_for_its_size_before_its_signature() -> None:
    body = b"a=" + b"1" * MOST_BYTES

    assert status(headers(b""), body) == 413


def test_slacks_largest_form_passes() -> None:
    answers = {f"block{n}": {"input": {"type": "plain_text_input", "value": "語" * 3_000}} for n in range(100)}
    text = json.dumps({"view": {"blocks": "x" * 250_000, "state": {"values": answers}}}, ensure_ascii=False)
    body = b"payload=" + b"".join(b"%%%02X" % byte for byte in text.encode())

    assert len(body) > 3_000_000
    assert status(headers(body), body) == 200


def test_what_is_refused_learns_no_more_than_that() -> None:
    refusals = [
        gate().check(sent, COMMAND)
        for sent in (changed(X_Slack_Signature="x"), headers(COMMAND, at=T0 - 900), headers(COMMAND, secret=NEW))
    ]

    assert len({refused.sentence for refused in refusals if isinstance(refused, Refusal)}) == 1


def nested(depth: int) -> dict[str, Any]:
    """An object so deep."""
    value: dict[str, Any] = {"a": 1}
    for _ in range(depth - 1):
        value = {"a": value}
    return value


def test_sixty_deep_is_the_most() -> None:
    assert read_json(json.dumps(nested(DEEPEST)).encode()) == nested(DEEPEST)
    with pytest.raises(Unreadable):
        read_json(json.dumps(nested(DEEPEST + 1)).encode())


@pytest.mark.parametrize("text", ["[" * 200, '"' + "{" * 200, '\\"' + "[" * 200, "\\" * 7 + "[" * 200 + '"\\'])
def test_brackets_that_people_write_are_no_depth(text: str) -> None:
    many = {"text": text, "more": [[] for _ in range(DEEPEST)]}

    assert read_json(json.dumps(many).encode()) == many


def test_a_sockets_frame_is_read_or_it_is_none() -> None:
    absurd = ["{", "[1]", "[" * 100_000, '{"a": "\ud800"}', f'{{"a": "{"x" * MOST_BYTES}"}}']

    assert read_frame('{"type": "hello"}') == {"type": "hello"}
    assert [read_frame(text) for text in absurd] == [None] * len(absurd)


def test_many_brackets_beside_each_other_are_no_depth() -> None:
    wide = {"blocks": [{"text": {"text": "a"}} for _ in range(1_000)]}

    assert read_json(json.dumps(wide).encode()) == wide


def test_what_no_database_holds_is_replaced_and_whole_characters_stay() -> None:
    body = rb'{"a\ud800": ["\u0000", {"b": "\ud83d\ude00 \udc00 \\ud800"}]}'

    assert read_json(body) == {"a\ufffd": ["\ufffd", {"b": "😀 \ufffd \\ud800"}]}
    assert read_form(b"text=a%00b") == {"text": "a\ufffdb"}
