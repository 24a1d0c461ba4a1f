"""What came in, read as one object: valid UTF-8, not too deep, no number that no machine holds."""

from __future__ import annotations

import json
import re
from itertools import accumulate
from typing import Any, NoReturn
from urllib.parse import parse_qsl

# Slack's largest request is a view of 250 KB that comes back with 100 answers of 3,000 characters. In a form a
# character takes 9 bytes at most (three of UTF-8, each as %XX), and the view three times its size.
MOST_BYTES = 4_000_000
DEEPEST = 60
MOST_FIELDS = 100
FORM_FIELD = "payload"

Values = dict[str, Any]

_BRACKETS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(set(range(256)) - set(_BRACKETS))
_ODD_ESCAPE = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")
_ODD = re.compile("[\ud800-\udfff\0]")


class Unreadable(ValueError):
    """This is no object that can be read."""


def read_frame(text: str) -> Values | None:
    """The object in a socket's frame, which nobody signs; None for one that is too large or cannot be read."""
    frame = text.encode("utf-8", "surrogatepass")
    try:
        return read_json(frame) if len(frame) <= MOST_BYTES else None
    except Unreadable:
        return None


def read_json(text: bytes) -> Values:
    """The object that this JSON is. Raises Unreadable for anything else, and for one deeper than DEEPEST."""
    if _depth(text) > DEEPEST:
        raise Unreadable
    try:
        values = _DECODER.decode(text.decode())
    except ValueError as wrong:  # broken, no UTF-8, or a number of more digits than Python reads
        raise Unreadable from wrong
    if not isinstance(values, dict) or not values:
        raise Unreadable
    return _mended(values) if _ODD_ESCAPE.search(text) else values


def read_form(body: bytes) -> Values:
    """The object in a form's field `payload`, or else the form's own fields. Raises Unreadable."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as wrong:
        raise Unreadable from wrong
    fields = dict(pairs)
    if not fields or len(fields) < len(pairs):
        raise Unreadable
    return read_json(fields[FORM_FIELD].encode()) if FORM_FIELD in fields else _mended(fields)


def _depth(text: bytes) -> int:
    """How deep the brackets outside of strings go; no more than a bound where there are few of them.

    Up to the first thing that is no JSON this counts exactly as a parser does, so that no parser gets deeper.
    """
    few = text.count(b"[") + text.count(b"{")
    if few <= DEEPEST:
        return few
    outside = text.replace(rb"\\", b"").replace(rb"\"", b"").split(b'"')[::2]
    brackets = b"".join(outside).translate(None, _NO_BRACKETS)
    return max(accumulate(map(_BRACKETS.__getitem__, brackets)), default=0)


def _mended(value: Any) -> Any:
    """The same, without what no database can hold: NUL, and halves of characters."""
    if isinstance(value, str):
        return _ODD.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_mended(name): _mended(held) for name, held in value.items()}
    return [_mended(held) for held in value] if isinstance(value, list) else value


def _constant(_name: str) -> NoReturn:
    raise Unreadable


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise Unreadable
    return number


_DECODER = json.JSONDecoder(parse_constant=_constant, parse_float=_finite)
