"""The HTTP side of the Web API: reading a request, refusing it as Slack does, and answering."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.fakes.slack.api import METHODS
from tests.fakes.slack.api.calls import Call, Method
from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.faults import Fault, Throttled, broken
from tests.fakes.slack.responding import use_url
from tests.fakes.slack.structure import Json
from tests.fakes.slack.tokens import authorize

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack


async def _arguments(request: web.Request, method: Method | None) -> Json:
    """What was sent, in the address and in the body. Methods that only read ignore a JSON body."""
    args: Json = dict(request.query)
    args.pop("token", None)  # Slack takes no token from an address
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        return {**args, **body} if method and method.takes_json else args
    return {**args, **{name: value for name, value in (await request.post()).items() if isinstance(value, str)}}


def _basic(header: str) -> Json:
    try:
        named, _, secret = base64.b64decode(header.removeprefix("Basic "), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return {}
    return {"client_id": named, "client_secret": secret}


async def _read(slack: FakeSlack, request: web.Request, method: Method | None) -> Call:
    header = request.headers.get("Authorization", "")
    args = await _arguments(request, method)
    bearer = str(args.pop("token", ""))
    if header.startswith("Bearer "):
        bearer = header.removeprefix("Bearer ").strip()
    if header.startswith("Basic "):
        args |= _basic(header)
    return Call(slack, request.match_info["method"], args, bearer, slack.clock.now())


async def _run(call: Call, method: Method) -> Json:
    if method.scope:
        call.need(method.scope)
    missing = [name for name in method.required if call.args.get(name) in (None, "")]
    if missing:
        messages = [f"[ERROR] missing required field: {name}" for name in missing]
        raise SlackError("invalid_arguments", response_metadata={"messages": messages})
    return await method.run(call)


async def _outcome(call: Call, method: Method, fault: Fault | None) -> Json:
    """The answer's body, with what goes wrong on the way."""
    call.token = authorize(call.slack, call.bearer, method.token)
    call.slack.faults.throttled(call.at, call.method, call.workspace_id)
    if fault and fault.hang == "before":
        await call.slack.faults.hold(call.slack.happened)
        raise SlackError("fatal_error")
    if fault and not fault.hang and not fault.drop:
        broken(fault)
    if fault and fault.hang == "on the way":
        await call.slack.faults.hold(call.slack.happened)
    answer = await _run(call, method)
    if fault and fault.hang == "after":
        await call.slack.faults.hold(call.slack.happened)
    return answer


def _workspace_hint(slack: FakeSlack, bearer: str) -> str:
    token = slack.world.tokens.get(bearer)
    return Call(slack, "", {}, bearer, slack.clock.now(), token).workspace_id


async def answer_call(slack: FakeSlack, request: web.Request) -> web.StreamResponse:
    """Answer one call."""
    method = METHODS.get(request.match_info["method"])
    try:
        call = await _read(slack, request, method)
    except SlackError as error:
        return web.json_response(error.answer())
    slack.calls.append(call)
    fault = slack.faults.strike(call.method, _workspace_hint(slack, call.bearer))
    if fault and fault.status:
        call.status = fault.status
        return web.Response(status=fault.status, text="upstream trouble")
    if fault and fault.drop == "before":
        return _dropped(call, request)
    headers = await _answered(call, method, fault)
    slack.happened()
    if fault and fault.drop == "after":
        return _dropped(call, request)
    return web.json_response(call.answer, status=call.status, headers=headers)


async def _answered(call: Call, method: Method | None, fault: Fault | None) -> dict[str, str]:
    """Find the answer, keep it in the call, and give its headers."""
    headers: dict[str, str] = {}
    try:
        if method is None:
            raise SlackError("unknown_method", req_method=call.method)
        call.answer = await _outcome(call, method, fault)
    except SlackError as error:
        call.answer = error.answer()
    except Throttled as throttled:
        call.status, headers = 429, {"Retry-After": str(throttled.retry_after)}
        call.answer = {"ok": False, "error": "ratelimited"}
    if call.token:
        headers["x-oauth-scopes"] = ",".join(call.token.installation.scopes)
    return headers


def _dropped(call: Call, request: web.Request) -> web.StreamResponse:
    call.status = 0
    if request.transport:
        request.transport.abort()
    return web.Response()


async def answer_response_url(slack: FakeSlack, request: web.Request) -> web.StreamResponse:
    """Answer what was posted to a response URL."""
    path = f"{request.match_info['kind']}/{request.match_info['rest']}"
    fault = slack.faults.strike("response_url", "")
    if fault and fault.status:
        return web.Response(status=fault.status)
    try:
        use_url(slack, path, await _posted(request))
    except SlackError as error:
        slack.response_refusals.append(error.error)
        return web.json_response({"ok": False, "error": error.error}, status=error.extra.get("status", 400))
    return web.json_response({"ok": True})


async def _posted(request: web.Request) -> Any:
    try:
        if request.content_type == "application/json":
            return await request.json()
        return json.loads(str((await request.post()).get("payload", "")))
    except ValueError:
        return None


async def answer_upload(slack: FakeSlack, request: web.Request) -> web.StreamResponse:
    """Take a file's bytes, which must be as many as were announced."""
    upload = slack.uploads.get(request.match_info["file"])
    if upload is None or upload["bytes"] is not None:
        return web.Response(status=404)
    received = await _bytes(request)
    if len(received) != upload["length"]:
        return web.Response(status=400, text="length does not match")
    upload["bytes"] = received
    return web.Response(text=f"OK - {len(received)}")


async def _bytes(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    for part in (await request.post()).values():
        if isinstance(part, web.FileField):
            return part.file.read()
    return b""
