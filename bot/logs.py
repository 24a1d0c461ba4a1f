"""Logs: JSON lines on standard error, with no words, tokens or addresses of anybody in them."""

from __future__ import annotations

import logging
import random
import re
import sys
import traceback
from typing import Any

import structlog

SHARED: tuple[structlog.typing.Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
# Of all other libraries only the place is logged: they put bodies, errors and addresses into their sentences.
SPEAKING = ("alembic", "apscheduler", "bot")
# Says every statement and every row where it is let.
SILENT = ("sqlalchemy",)
GIVEN = re.compile(r"[0-9a-fA-F-]{8,64}")


def configure(level: int = logging.INFO, libraries: int = logging.WARNING) -> None:
    """Log this process from `level` on, and the libraries in it from `libraries` on, as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter())
    logging.basicConfig(handlers=[handler], level=libraries, force=True)
    quieten()
    structlog.configure(
        processors=[*SHARED, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def formatter() -> logging.Formatter:
    """Makes the line of what a library logs."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*SHARED, _place],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )


def quieten() -> None:
    """Silence the libraries that say what is kept."""
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.WARNING)


def begin_request(given: str = "") -> str:
    """Give all that is logged from here on, in this task and those it begins, the id of one request.

    `given` is the id that a proxy gave it, used where it is one. Returns the id.
    """
    request = given if GIVEN.fullmatch(given) else _new_id()
    structlog.contextvars.bind_contextvars(request=request)
    return request


def present_request() -> str:
    """The id of the request that is being answered; one of its own where none was begun."""
    return str(structlog.contextvars.get_contextvars().get("request") or _new_id())


def _place(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """The kind and place of a library's exception; its text may quote what a person wrote.

    Of what most libraries log, only who and where.
    """
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        if record.name.partition(".")[0] not in SPEAKING:
            event["event"] = record.name
        event["at"] = f"{record.pathname}:{record.lineno}"
    raised = event.pop("exc_info", None)
    if isinstance(raised, tuple) and raised[0] and raised[2]:
        frame = traceback.extract_tb(raised[2])[-1]
        event["kind"], event["place"] = raised[0].__name__, f"{frame.filename}:{frame.lineno}"
    event.pop("stack_info", None)
    return event


def _new_id() -> str:
    return f"{random.getrandbits(48):012x}"
