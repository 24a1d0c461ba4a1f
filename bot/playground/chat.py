"""The chat service that Slack or Teams would be: it keeps messages, and tells open pages what is new."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bot.playground.render import Json

BOT = "bot"
HANG_UP = "hang up"


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message: of the bot (a card) or of a person (text). `place` is `dm:PERSON` or `channel:ID`."""

    id: str
    place: str
    author: str
    at: str
    when: str
    text: str | None = None
    card: Json | None = None
    thread: str | None = None
    only_for: str | None = None
    edited: bool = False


class Chat:
    """Messages in the order they came, kept in a SQLite file of its own, as a chat service keeps its own."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.execute("create table if not exists messages (number integer primary key, body text not null)")
        self._file.execute("create table if not exists notes (name text primary key, value text not null)")
        self._listeners: set[asyncio.Queue[tuple[str, Any]]] = set()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def messages(self) -> list[ChatMessage]:
        """Every message, oldest first."""
        rows = self._file.execute("select body from messages order by number").fetchall()
        return [ChatMessage(**json.loads(body)) for (body,) in rows]

    def get(self, message_id: str) -> ChatMessage | None:
        """One message."""
        number = message_id.removeprefix("m")
        row = self._file.execute("select body from messages where number = ?", (number,)).fetchone()
        return ChatMessage(**json.loads(row[0])) if row else None

    def add(self, **fields: Any) -> ChatMessage:
        """Add a message; it gets the next id."""
        (last,) = self._file.execute("select coalesce(max(number), 0) from messages").fetchone()
        message = ChatMessage(id=f"m{last + 1}", **fields)
        self._file.execute("insert into messages values (?, ?)", (last + 1, json.dumps(asdict(message))))
        self.tell("message", asdict(message))
        return message

    def change(self, message: ChatMessage, card: Json) -> None:
        """Replace a message's card in place."""
        changed = replace(message, card=card, edited=True)
        row = (json.dumps(asdict(changed)), message.id.removeprefix("m"))
        self._file.execute("update messages set body = ? where number = ?", row)
        self.tell("message", asdict(changed))

    def note(self, name: str, value: str | None = None) -> str | None:
        """Keep a note under a name, or read the one that is kept."""
        if value is not None:
            self._file.execute("insert or replace into notes values (?, ?)", (name, value))
        row = self._file.execute("select value from notes where name = ?", (name,)).fetchone()
        return row[0] if row else None

    def clear(self) -> None:
        """Forget everything."""
        self._file.execute("delete from messages")
        self._file.execute("delete from notes")

    def tell(self, event: str, data: Any) -> None:
        """Tell every open page."""
        for queue in self._listeners:
            queue.put_nowait((event, data))

    def hang_up(self) -> None:
        """Tell every open page that this is the end; a server that stops would wait for them otherwise."""
        self.tell(HANG_UP, None)

    def listen(self) -> asyncio.Queue[tuple[str, Any]]:
        """What is new from now on, for one page."""
        queue: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self._listeners.add(queue)
        return queue

    def leave(self, queue: asyncio.Queue[tuple[str, Any]]) -> None:
        """Stop listening."""
        self._listeners.discard(queue)
