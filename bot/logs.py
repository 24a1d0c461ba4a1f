"""Logs: JSON lines on standard error, with no words, tokens or addresses of anybody in them."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any

import structlog

SHARED: tuple[structlog.typing.Processor, ...] = (
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


QUOTING = ("slack_bolt", "slack_sdk")


def configure(level: int = logging.INFO) -> None:
    """Log this process, and the libraries in it, as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*SHARED, _place],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    structlog.configure(
        processors=[*SHARED, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _place(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """The kind and place of a library's exception; its text may quote what a person wrote.

    Of what Slack's libraries log, only where: they put bodies and errors into their sentences.
    """
    record = event.get("_record")
    if isinstance(record, logging.LogRecord) and record.name.startswith(QUOTING):
        event["event"], event["at"] = record.name, f"{record.pathname}:{record.lineno}"
    raised = event.pop("exc_info", None)
    if isinstance(raised, tuple) and raised[0] and raised[2]:
        frame = traceback.extract_tb(raised[2])[-1]
        event["kind"], event["place"] = raised[0].__name__, f"{frame.filename}:{frame.lineno}"
    return event
