"""The command line: python -m bot demo | serve | web | worker | migrate | manifest | doctor | outbox."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import structlog
import typer
from aiohttp import web

from bot import logs
from bot.clock import Clock, SystemClock
from bot.settings import Settings, SettingsError, load, local_tools

if TYPE_CHECKING:
    from bot.app import App
    from bot.playground.company import Playground

DEMO_FOLDER = Path("data/demo")
PACKAGE = Path("worthwhile-teams.zip")
END_S = 9.5  # what stops processes is used to waiting ten seconds

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
outbox = typer.Typer(invoke_without_command=True)
cli.add_typer(outbox, name="outbox")
T = TypeVar("T")
log = structlog.get_logger()


@cli.callback()
def worthwhile() -> None:
    """Worthwhile: is what we build worth it to the people who pay for it?"""
    logs.configure()


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="The playground's port on this machine.")] = 8080,
    folder: Annotated[Path, typer.Option(help="Where the sample company is kept.")] = DEMO_FOLDER,
) -> None:
    """Run the playground: a sample team on this machine, without an account."""
    asyncio.run(_demo(port, folder))


@cli.command()
def serve() -> None:
    """Run everything in one process: requests, nudges and delivery."""
    asyncio.run(run(_settings(), listens=True, works=True))


@cli.command(name="web")
def web_only() -> None:
    """Answer requests only; start as many as you like beside `worker`."""
    asyncio.run(run(_settings(), listens=True, works=False))


@cli.command()
def worker() -> None:
    """Plan and send nudges only."""
    asyncio.run(run(_settings(), listens=False, works=True))


@cli.command()
def migrate() -> None:
    """Bring the database up to the present; safe to run at every start."""
    from storage.migrate import upgrade

    upgrade(_settings().database_url)


@cli.command()
def manifest(
    service: Annotated[str, typer.Argument(help="The chat service: slack or teams.")],
    url: Annotated[str, typer.Option(help="The bot's public address; PUBLIC_URL where not given.")] = "",
    socket: Annotated[bool, typer.Option("--socket", help="Slack calls no address; the bot calls Slack.")] = False,
    oauth: Annotated[bool, typer.Option("--oauth", help="For many workspaces, with tokens that expire.")] = False,
    link: Annotated[bool, typer.Option("--link", help="Print a link that opens Slack with it filled in.")] = False,
    app_id: Annotated[str, typer.Option(help="The app ID of Teams; TEAMS_APP_ID where not given.")] = "",
    to: Annotated[Path, typer.Option(help="The file of the app package for Teams.")] = PACKAGE,
) -> None:
    """Print Slack's app manifest, or write the app package of Teams: what the chat service asks for."""
    from bot import manifests

    if service not in manifests.SERVICES:
        _refuse(f"There is no manifest for {service!r}. There is one for slack and one for teams.")
    at = (url or ("" if socket and not oauth else _settings().public_url)).rstrip("/")
    try:
        if service == "teams":
            typer.echo(manifests.for_teams(at, app_id or _settings().teams_app_id, to))
        else:
            typer.echo(manifests.for_slack(at, socket=socket, oauth=oauth, link=link))
    except manifests.NoManifest as problem:
        _refuse(str(problem))


@cli.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON, for scripts.")] = False,
) -> None:
    """Say what is set, reachable, missing or wrong, and how to mend it; the exit code is 0 when all is well."""
    from bot import doctor as checks
    from bot import findings

    shown = findings.as_json if as_json else findings.as_text
    try:
        found = asyncio.run(checks.examine(load(), SystemClock()))
    except SettingsError as wrong:
        typer.echo(shown(findings.of_settings(str(wrong))))
        raise typer.Exit(2) from None
    typer.echo(shown(found))
    raise typer.Exit(0 if findings.is_well(found) else 1)


@outbox.callback()
def outbox_list(
    context: typer.Context,
    state: Annotated[str, typer.Option(help="Only these: due, sending, unknown or dead.")] = "",
    workspace: Annotated[str, typer.Option(help="Only those of a workspace, by the chat service's id.")] = "",
    limit: Annotated[int, typer.Option(help="How many at most.", min=1)] = 50,
) -> None:
    """List the messages that were not sent, with the reason; never their words."""
    if context.invoked_subcommand is None:
        from bot.outbox import listed

        typer.echo(_looked_up(listed(_settings(), SystemClock(), limit=limit, state=state, workspace=workspace)))


@outbox.command()
def explain(number: Annotated[int, typer.Argument(help="The message's number, as the list shows it.")]) -> None:
    """Say all there is to say about one message, and whether it may be sent again."""
    from bot.outbox import explained

    try:
        typer.echo(_looked_up(explained(_settings(), SystemClock(), number)))
    except LookupError:
        _refuse(f"There is no message {number}. To list what there is: python -m bot outbox")


@outbox.command()
def requeue(
    numbers: Annotated[list[int] | None, typer.Argument(help="The messages' numbers.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that may be sent again.")] = False,
    workspace: Annotated[str, typer.Option(help="With --all: of one workspace, by the chat service's id.")] = "",
) -> None:
    """Send again what is dead, and what a channel may not have got; code 1 where some may not be sent again."""
    from bot.outbox import requeued, requeued_all

    if every is bool(numbers) or (workspace and not every):
        _refuse("Give the numbers of messages, or --all, which takes --workspace.")
    if every:
        typer.echo(_looked_up(requeued_all(_settings(), SystemClock(), workspace)))
        return
    done = _looked_up(requeued(_settings(), SystemClock(), numbers or []))
    typer.echo(done.text)
    raise typer.Exit(0 if done.all_of_them else 1)


def _looked_up(work: Coroutine[Any, Any, T]) -> T:
    """What looking into the outbox finds; where there is none to look into, that is said instead."""
    from bot.outbox import NoOutbox

    try:
        return asyncio.run(work)
    except NoOutbox as none:
        _refuse(str(none))


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(2)


def _settings() -> Settings:
    try:
        return load()
    except SettingsError as wrong:
        typer.echo(f"These settings are wrong:\n{wrong}", err=True)
        raise typer.Exit(2) from None


async def _demo(port: int, folder: Path) -> None:
    from bot.playground.company import Playground
    from bot.playground.listeners import routes

    has_tools = _has_local_tools()
    playground = Playground(folder, SystemClock(), local_tools=has_tools)
    await playground.open()
    served = routes(playground)
    if has_tools:
        served.add_routes([web.post("/api/messages", _to_teams(playground))])
        await playground.app.prepare()
    runner = await _listen(served, "127.0.0.1", port)
    typer.echo(f"\n  Worthwhile's playground: http://127.0.0.1:{port}\n  Stop it with Ctrl+C; it goes on there.\n")
    await _until_stopped()
    await runner.cleanup()
    await playground.close()


def _has_local_tools() -> bool:
    try:
        return local_tools()
    except SettingsError as wrong:
        _refuse(f"These settings are wrong:\n{wrong}")


def _to_teams(playground: Playground) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Requests of a local test client, for the app that the playground has by then."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if playground.app.teams is None:
            raise web.HTTPNotFound
        return await playground.app.teams.answer(request)

    return answer


async def run(
    settings: Settings, *, listens: bool, works: bool, builds: Callable[[Settings, Clock], App] | None = None
) -> None:
    """Answer requests, plan and send, or one of both, until told to end. `builds` makes the running parts."""
    from bot.app import build
    from bot.readiness import silence
    from bot.web import health, routes
    from storage.migrate import upgrade

    if listens and works:
        upgrade(settings.database_url)  # with many processes, the release step does it once
    app = (builds or build)(settings, SystemClock())
    await _prepare(app)
    if works:
        app.start()
    port = settings.port if listens else settings.worker_port
    runner = await _listen(routes(app) if listens else health(app), settings.host, port) if port else None
    stopped = _stopped()
    socket = app.slack.socket(stopped.set, app.metrics.answered) if app.slack and listens else None
    if socket:
        await socket.open()
        app.readiness.watch("slack socket", silence(socket.silent_for))
    log.info("ready", listens=listens, works=works, slack=app.slack is not None, socket=socket is not None)
    await stopped.wait()
    log.info("stopping")
    _end_at_the_latest()
    app.stop()
    if socket:
        await socket.close()
    if runner:
        await runner.cleanup()
    await app.close()
    if socket and socket.has_ended:
        raise typer.Exit(1)  # whatever runs this process starts it again


async def _prepare(app: App) -> None:
    """Get ready what needs the database; refuse to start where the secrets in it cannot be read."""
    from storage.secrets import SecretsError

    try:
        await app.prepare()
    except SecretsError as wrong:
        typer.echo(str(wrong), err=True)
        await app.close()
        raise typer.Exit(2) from None


async def _listen(routes: web.Application, host: str, port: int) -> web.AppRunner:
    from bot.connections import listen

    try:
        return await listen(routes, host, port)
    except OSError as taken:
        typer.echo(f"Port {port} on {host} cannot be used: {taken.strerror}. Choose another one.", err=True)
        raise typer.Exit(2) from None


async def _until_stopped() -> None:
    await _stopped().wait()


def _end_at_the_latest() -> None:
    """See to it that this process ends, also where a thread of it waits for a database that is gone."""
    latest = threading.Timer(END_S, os._exit, (1,))
    latest.daemon = True
    latest.start()


def _stopped() -> asyncio.Event:
    """Set when the process is told to end."""
    stopped = asyncio.Event()
    stop: Callable[[], None] = stopped.set
    loop = asyncio.get_running_loop()
    for sent in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sent, stop)
    return stopped


if __name__ == "__main__":
    cli()
