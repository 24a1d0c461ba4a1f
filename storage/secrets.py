"""Secrets at rest: sealed with the newest key, opened with any, and bound to the workspace they are of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

NEW_KEY = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'


class SecretsError(Exception):
    """Something sealed cannot be opened, or there is no key to seal with. The text says the way out."""


class NoKeys(SecretsError):
    """SECRET_KEYS holds no key."""

    def __init__(self) -> None:
        super().__init__(f"SECRET_KEYS is empty. Make a key with: {NEW_KEY}")


class BadKey(SecretsError):
    """One of SECRET_KEYS is no key at all."""

    def __init__(self, place: int) -> None:
        super().__init__(
            f"Key {place} of SECRET_KEYS is no key: 44 letters and digits are needed. Make one with: {NEW_KEY}"
        )


class WrongKey(SecretsError):
    """Sealed with a key that is not among SECRET_KEYS."""

    def __init__(self) -> None:
        super().__init__(
            "None of SECRET_KEYS opens this. Put the key that sealed it back, after the newest one; where it is"
            " lost, the workspace has to install the bot again."
        )


class WrongWorkspace(SecretsError):
    """Sealed for another workspace than the one whose row it stands in."""

    def __init__(self) -> None:
        super().__init__(
            "These tokens belong to another workspace: rows were moved or mixed up. Restore the database from a"
            " backup, or have the workspace install the bot again."
        )


class Vault:
    """Seals with the first of its keys and opens with all of them: the newest key stands first."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Raises NoKeys or BadKey; `keys` are Fernet keys, url-safe base64 of 32 bytes."""
        fernets = [_fernet(key, place) for place, key in enumerate(keys, start=1)]
        if not fernets:
            raise NoKeys
        self._newest = fernets[0]
        self._every = MultiFernet(fernets)

    @classmethod
    def from_text(cls, text: str) -> Vault:
        """From keys with commas between them, as SECRET_KEYS has them. Raises NoKeys or BadKey."""
        return cls([key.strip() for key in text.split(",") if key.strip()])

    def seal(self, workspace: str, data: Mapping[str, Any]) -> str:
        """Text that only these keys open, and only as this workspace's."""
        return self._newest.encrypt(json.dumps({"workspace": workspace, "data": dict(data)}).encode()).decode()

    def open(self, workspace: str, sealed: str) -> dict[str, Any]:
        """What was sealed. Raises WrongKey, or WrongWorkspace where it was sealed for another one."""
        try:
            kept = json.loads(self._every.decrypt(sealed.encode()))
        except InvalidToken:
            raise WrongKey from None
        if kept["workspace"] != workspace:
            raise WrongWorkspace
        data: dict[str, Any] = kept["data"]
        return data

    def is_current(self, sealed: str) -> bool:
        """Whether the newest key sealed it."""
        try:
            self._newest.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True

    def rotate(self, sealed: str) -> str:
        """The same, sealed with the newest key. Raises WrongKey."""
        try:
            return self._every.rotate(sealed.encode()).decode()
        except InvalidToken:
            raise WrongKey from None


def _fernet(key: str, place: int) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise BadKey(place) from None
