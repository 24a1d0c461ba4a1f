"""The usual way to ask people at their hour: one APScheduler job each, kept in the same database.

Each job only writes a message to send. Who is on leave, has had a card already or was asked often enough this week
is not looked at; one thread runs them, so that nobody waits for SQLite's one writer.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from functools import cache

import sqlalchemy as sa
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from benchmarks.crowd import IN_TEAM, IN_WORKSPACE, hour_of, zone_of
from handlers.local_time import jitter_of
from handlers.messages import MESSAGE, Message
from storage.database import sqlite_engine
from storage.schema import metadata

DUE_EVERY = 10
BODY = MESSAGE.dump_json(Message("Would shop owners be happy to pay for today?")).decode()
outbox = metadata.tables["outbox"]
_INSERT = sa.insert(outbox)


@cache
def _engine(url: str) -> sa.Engine:
    return sqlite_engine(sa.make_url(url))


def ask(url: str, person: int) -> None:
    """A job: one message for one person."""
    now = datetime.now(UTC)
    with _engine(url).begin() as connection:
        connection.execute(
            _INSERT,
            {
                "workspace_id": (person - 1) // IN_WORKSPACE + 1,
                "key": f"job:{person}",
                "person_id": person,
                "body": BODY,
                "state": "due",
                "due_at": now,
                "created_at": now,
            },
        )


def run(url: str, count: int) -> dict[str, float]:
    """Add a job for each person, and run those that are due; what it took of this process."""
    scheduler = BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(engine=_engine(url))},
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"misfire_grace_time": None, "coalesce": True},
        timezone="UTC",
    )
    scheduler.start(paused=True)
    began = time.process_time()
    due = _add(scheduler, url, count)
    added = time.process_time()
    _run_due(scheduler, due)
    ended = time.process_time()
    return {"due": due, "set_up_s": added - began, "cpu_s": ended - added}


def _add(scheduler: BackgroundScheduler, url: str, count: int) -> int:
    """One job a person, one in ten of them due now. Returns how many are."""
    now = datetime.now(UTC)
    for person in range(1, count + 1):
        team = (person - 1) // IN_TEAM + 1
        hour, second = hour_of(team), jitter_of(person).seconds
        trigger = CronTrigger(
            day_of_week="mon-fri",
            hour=hour.hour,
            minute=hour.minute + second // 60,
            second=second % 60,
            timezone=zone_of(team),
        )
        is_due = {"next_run_time": now} if person % DUE_EVERY == 0 else {}
        scheduler.add_job(ask, trigger, args=[url, person], id=f"checkin:{person}", **is_due)
    return count // DUE_EVERY


def _run_due(scheduler: BackgroundScheduler, due: int) -> None:
    """Let the scheduler go until all that is due is done. Raises RuntimeError where a job failed."""
    done, ended = [], threading.Event()

    def hear(event: JobExecutionEvent) -> None:
        done.append(event.exception)
        if len(done) == due:
            ended.set()

    scheduler.add_listener(hear, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
    scheduler.resume()
    ended.wait()
    scheduler.shutdown()
    if any(done):
        raise RuntimeError("a job failed")
