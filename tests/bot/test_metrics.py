"""The figures that whoever runs the bot sees, and that nobody is named in them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from bot.app import App, build
from bot.clock import SteppedClock
from bot.metrics import Metrics
from bot.nudges.port import NotSent, Refused
from bot.settings import alone
from bot.web import health, routes
from handlers.messages import MESSAGE, Message
from storage import Store
from storage.backlog import Backlog
from storage.database import Connection
from tests.test_docs import names
from tests.world import CHANNEL, MONDAY, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LABELS = ("platform", "kind", "outcome", "state", "status", "le")
Figures = dict[tuple[str, str], float]


@pytest.fixture
def begun() -> None:
    """What is counted begins with the world, and is not copied."""


def read(page: str) -> Figures:
    """Each figure of a page by its name and its labels' values."""
    families = text_string_to_metric_families(page)
    return {
        (sample.name, " ".join(sample.labels[label] for label in LABELS if label in sample.labels)): sample.value
        for family in families
        for sample in family.samples
    }


async def promise(world: World, key: str) -> None:
    """A message to ben, due now."""
    body = MESSAGE.dump_json(Message("How was today?")).decode()

    async def work(connection: Connection) -> None:
        store = Store(connection, 1)
        ben = await store.directory.person_called("ben")
        assert ben
        await store.outbox.put(key, body, world.clock.now(), person_id=ben.id)
        await store.outbox.make_ready(world.clock.now())

    await world.app.database.write(work)


async def figures(app: App) -> Figures:
    """What a process shows of itself."""
    async with TestClient(TestServer(health(app))) as visitor:
        answer = await visitor.get("/metrics")
        assert answer.content_type == "text/plain"
        return read(await answer.text())


def slack_app(database_url: str) -> App:
    """The bot in one Slack workspace."""
    secret, token = SecretStr("a secret of the app's"), SecretStr("xoxb-1-made-up")
    settings = alone(database_url=database_url, slack_signing_secret=secret, slack_bot_token=token)
    return build(settings, SteppedClock(MONDAY))


async def test_requests_are_counted_by_what_became_of_them(world: World) -> None:
    before = await figures(world.app)
    await world.ask("ben", "checkin 4", key="once")
    await world.ask("ben", "checkin 4", key="once")
    await world.tap("ben", "checkin.save", team="999")

    after = await figures(world.app)

    names = ("answered", "repeated", "refused")
    keys = [("worthwhile_requests_total", f"test {name}") for name in names]
    assert [after[key] - before.get(key, 0) for key in keys] == [1, 1, 1]


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (None, "sent"),
        (NotSent("ratelimited", MONDAY + timedelta(hours=1)), "retried"),
        (Refused("is_archived"), "dead"),
        (ConnectionResetError("nobody knows"), "unknown"),
    ],
    ids=["sent", "retried", "dead", "unknown"],
)
async def test_a_try_to_send_is_counted_by_its_outcome(
    world: World, failure: Exception | None, outcome: str
) -> None:
    before = await figures(world.app)
    await promise(world, "a card")
    if failure:
        world.chat.failures.append(failure)
    await world.app.drain()

    after = await figures(world.app)

    told = ("worthwhile_told_to_wait_total", "test")
    key = ("worthwhile_deliveries_total", f"test personal {outcome}")
    assert after[key] - before.get(key, 0) == 1
    assert after.get(told, 0) == (1 if outcome == "retried" else 0)


async def test_what_is_counted_as_sent_is_what_the_chat_service_took(world: World) -> None:
    world.chat.failures += [ConnectionResetError("nobody knows"), NotSent("busy"), Refused("blocked")]

    await world.pass_days(2)
    await world.ask("ana", "retro", channel=CHANNEL)

    shown, took = await figures(world.app), Counter[str]()
    for each in world.chat.sent:
        took["personal" if each.recipient.person else "channel"] += 1 + each.edits
    counted = {kind: shown.get(("worthwhile_deliveries_total", f"test {kind} sent"), 0) for kind in took}
    assert took["personal"] > 5
    assert counted == took
    assert world.chat.failures == []


async def test_what_is_not_sent_is_shown_with_how_late_it_is(world: World) -> None:
    await promise(world, "a card")
    world.chat.failures.append(Refused("is_archived"))
    await world.app.tick()
    await promise(world, "another card")
    world.clock.set(MONDAY + timedelta(minutes=7))

    shown = await figures(world.app)

    assert shown["worthwhile_outbox_messages", "test personal dead"] == 1
    assert shown["worthwhile_outbox_messages", "test personal due"] == 1
    assert shown["worthwhile_oldest_due_seconds", "test"] == 420
    assert shown["worthwhile_sweep_age_seconds", ""] == 420


async def test_an_answer_to_slack_is_measured_by_its_status_and_other_pages_are_not(database_url: str) -> None:
    app = slack_app(database_url)
    async with TestClient(TestServer(routes(app))) as slack:
        await slack.post("/slack/events", data=b"{}", headers={"Content-Type": "application/json"})
        await slack.get("/slack/events")
        await slack.get("/healthz")
        await slack.get("/nowhere")

        shown = read(await (await slack.get("/metrics")).text())

    await app.close()
    assert shown["worthwhile_answer_seconds_count", "slack"] == 2
    assert shown["worthwhile_answers_total", "slack 401"] == 1
    assert shown["worthwhile_answers_total", "slack 405"] == 1
    assert not [
        labels for name, labels in shown if name.startswith("worthwhile_answers") and "slack" not in labels
    ]


async def test_transactions_are_measured(world: World) -> None:
    before = await figures(world.app)
    await world.ask("ben", "checkin 4")

    after = await figures(world.app)

    for kind in ("read", "write"):
        key = ("worthwhile_transaction_seconds_count", kind)
        assert after[key] > before[key]


async def test_a_database_that_is_gone_leaves_a_page_that_says_so_and_nothing_stale(world: World) -> None:
    app = world.app
    there = await figures(app)
    await app.database.close()

    gone = await figures(app)

    assert there["worthwhile_database_up", ""] == 1
    assert gone["worthwhile_database_up", ""] == 0
    assert ("worthwhile_oldest_due_seconds", "test") in there
    assert ("worthwhile_oldest_due_seconds", "test") not in gone


async def test_two_processes_have_each_their_own_page(world: World, database_url: str) -> None:
    other = slack_app(database_url)
    await world.ask("ben", "checkin 4")

    shown = await figures(other)

    await other.close()
    assert not [labels for name, labels in shown if name == "worthwhile_requests_total" and labels]


async def test_the_id_that_a_proxy_gave_comes_back_and_one_is_made_where_it_gave_none(world: World) -> None:
    async with TestClient(TestServer(health(world.app))) as visitor:
        given = await visitor.get("/healthz", headers={"X-Request-Id": "0123abcd-4567"})
        made = await visitor.get("/nowhere")
        forged = await visitor.get("/healthz", headers={"X-Request-Id": "xoxb-not-an-id"})

    assert given.headers["X-Request-Id"] == "0123abcd-4567"
    assert len(made.headers["X-Request-Id"]) == 12
    assert "xoxb" not in forged.headers["X-Request-Id"]


def every() -> list[str]:
    """The names of all figures, as they stand on a page, but for what Prometheus' own collector says."""
    metrics = Metrics()
    return sorted(
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in metrics.registry.collect()
        if family.name.startswith("worthwhile_")
    )


def test_every_figure_is_on_the_page_of_operations_and_no_other(database_url: str) -> None:
    assert sorted(names("operations.md", "Figure")) == every()


def test_no_figure_is_by_person_team_or_workspace(database_url: str) -> None:
    metrics = Metrics()
    fill: list[Callable[[], None]] = [
        lambda: metrics.answered("slack", "200", 0.1),
        lambda: metrics.asked("slack", "answered"),
        lambda: metrics.delivered("slack", "personal", "sent"),
        lambda: metrics.told_to_wait("slack"),
        lambda: metrics.transacted("read", 0.1),
    ]
    for one in fill:
        one()
    backlog = Backlog({"slack": 1.0}, {"slack": 1.0}, {("slack", "personal", "due"): 1})

    page = metrics.page(backlog, 1.0).decode()

    families = text_string_to_metric_families(page)
    labels = {label for family in families for sample in family.samples for label in sample.labels}
    assert labels <= set(LABELS), json.dumps(sorted(labels))
