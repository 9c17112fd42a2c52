"""Telling devices of calls: server-sent events for tablets, WebSocket for hardware boxes
(docs/integrate/devices.md).

One look at the open calls each second serves all listeners of a process, and none is made while
nobody listens.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.db import close_old_connections

from haochaping.devices import actions as devices
from haochaping.devices import queries, rules
from haochaping.devices.rules import Said
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations.rules import Channel
from haochaping.intake.commit import AWAY
from haochaping.invitations import actions as invitations
from haochaping.kernel import clock, crypto
from haochaping.kernel.errors import Refusal

EVENTS, SOCKET = "/api/v1/devices/events", "/api/v1/devices/ws"
_PULSE_SECONDS = 10
_LOGIN_SECONDS = 15

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Switchboard:
    """Who listens for which window, and what is being called there."""

    def __init__(self, connection: Callable[[], Any]) -> None:
        self.connection = connection
        self.listeners: dict[int, set[asyncio.Event]] = {}
        self.calls: dict[int, int] = {}

    async def watch(self) -> None:
        """Look each second which window calls, and wake its listeners when that has changed."""
        while True:
            await asyncio.sleep(1)
            if not self.listeners:
                continue
            try:
                async with self.connection() as connection:
                    found = {
                        row["window_id"]: row["call_id"]
                        for row in await connection.fetch(queries.OPEN_CALLS)
                    }
            except AWAY:
                continue
            for window in {*found, *self.calls} & self.listeners.keys():
                if found.get(window) != self.calls.get(window):
                    for woken in self.listeners[window]:
                        woken.set()
            self.calls = found

    def join(self, window: int, woken: asyncio.Event) -> None:
        """Start to listen for a window."""
        self.listeners.setdefault(window, set()).add(woken)

    def leave(self, window: int, woken: asyncio.Event) -> None:
        """Stop listening."""
        self.listeners[window].discard(woken)
        if not self.listeners[window]:
            del self.listeners[window]


async def _in_thread[T](work: Callable[[], T]) -> T:
    def run() -> T:
        close_old_connections()
        return work()

    return await asyncio.to_thread(run)


async def events(board: Switchboard, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve server-sent events.

    `call` when something changed at the device's window, a pulse every ten seconds. They carry no
    content.
    """
    ticket = parse_qs(scope["query_string"].decode("latin-1")).get("ticket", [""])[0]
    device = await _in_thread(partial(queries.device_of_ticket, ticket))
    origin = [
        (b"access-control-allow-origin", settings.PUBLIC_URL.encode()),
        (b"cache-control", b"no-store"),
    ]
    if device is None:
        headers = [*origin, (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    headers = [*origin, (b"content-type", b"text/event-stream"), (b"x-accel-buffering", b"no")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await _pulse(board, device.window_id, receive, send)


async def _pulse(board: Switchboard, window: int, receive: Receive, send: Send) -> None:
    """Say that a window calls, or that we are still here, until nobody listens any more."""
    woken = asyncio.Event()
    board.join(window, woken)
    gone = asyncio.create_task(_until_gone(receive))
    try:
        while not gone.done():
            try:
                await asyncio.wait_for(woken.wait(), _PULSE_SECONDS)
                woken.clear()
                said = b"data: call\n\n"
            except TimeoutError:
                said = b"event: pulse\ndata:\n\n"
            await send({"type": "http.response.body", "body": said, "more_body": True})
    except OSError:
        pass
    finally:
        gone.cancel()
        board.leave(window, woken)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] not in ("http.disconnect", "websocket.disconnect"):
        pass


class Box:
    """One hardware box.

    It logs in, is told which address to open, and may report the key that was pressed.
    """

    def __init__(self, board: Switchboard, receive: Receive, send: Send) -> None:
        self.board, self.receive, self.send = board, receive, send
        self.device: queries.DeviceKey | None = None
        self.woken = asyncio.Event()
        self.told = 0

    async def serve(self) -> None:
        """Talk until the box hangs up."""
        await self.receive()
        await self.send({"type": "websocket.accept"})
        hearing, calling = asyncio.ensure_future(self.hear()), asyncio.ensure_future(self.call())
        try:
            await asyncio.wait([hearing, calling], return_when=asyncio.FIRST_COMPLETED)
        finally:
            hearing.cancel()
            calling.cancel()
            if self.device is not None:
                self.board.leave(self.device.window_id, self.woken)

    async def say(self, code: int, data: dict[str, Any]) -> None:
        """Send one message."""
        await self.send(
            {
                "type": "websocket.send",
                "text": json.dumps({"code": code, "data": data}, ensure_ascii=False),
            }
        )

    async def hear(self) -> None:
        """Answer what the box says."""
        until = asyncio.get_running_loop().time() + _LOGIN_SECONDS
        while True:
            try:
                async with asyncio.timeout_at(None if self.device else until):
                    message = await self.receive()
            except TimeoutError:
                return  # who does not say who they are keeps no connection
            if message["type"] == "websocket.disconnect":
                return
            code, data = rules.read_message(message.get("text"))
            if code == Said.LOGIN and self.device is None:
                device = await _in_thread(partial(_sign_in, data))
                await self.say(Said.LOGIN, {"result": "ok" if device else "refused"})
                if device is None:
                    return
                self.device = device
                self.board.join(device.window_id, self.woken)
                self.woken.set()
            elif self.device is None:
                await self.say(Said.BAD_FORMAT, {"message": "log in first 请先登录"})
            else:
                await self.say(*await _in_thread(partial(_answer, self.device, code, data)))

    async def call(self) -> None:
        """Tell the box which address to open whenever its window calls."""
        while True:
            await self.woken.wait()
            self.woken.clear()
            if self.device is not None:
                address, self.told = await _in_thread(partial(_address, self.device, self.told))
                if address:
                    await self.say(Said.OPEN_ADDRESS, {"url": address})


def _sign_in(data: dict[str, Any]) -> queries.DeviceKey | None:
    device = queries.device(str(data.get("work_no", ""))[:32])
    good = device is not None and crypto.same(device.key.secret.decode(), str(data.get("key", "")))
    if device is not None and good:
        devices.note_heartbeat(
            device_id=device.id, version="box", waiting=0, dead=0, clock_at=None, at=clock.now()
        )
    return device if good else None


def _address(device: queries.DeviceKey, told: int) -> tuple[str, int]:
    """Return a one-time address for the call at the window, unless it was told before."""
    at = clock.now()
    call = queries.open_call(device.window_id, at)
    if call is None or call.pk == told:
        return "", told
    token = invitations.invite(
        record_id=call.record_id, channel=Channel.TABLET, device_id=device.id, days=1, at=at
    )
    return f"{settings.PUBLIC_URL}/e/{token}", call.pk


def _answer(
    device: queries.DeviceKey, code: int, data: dict[str, Any]
) -> tuple[int, dict[str, Any]]:
    at = clock.now()
    if code == Said.HEARTBEAT:
        devices.note_heartbeat(
            device_id=device.id, version="box", waiting=0, dead=0, clock_at=None, at=at
        )
        return Said.HEARTBEAT, {"time": at.isoformat()}
    if code == Said.BAD_FORMAT:
        return Said.BAD_FORMAT, {"message": "not JSON with a code 格式错误"}
    if code != Said.KEY_PRESSED:
        return Said.UNKNOWN_COMMAND, {"message": "unknown command 未知指令"}
    try:
        press = rules.read_press(data)
        receipt = evaluations.take_press(device=device, press=press, at=at)
    except Refusal as refusal:
        return Said.KEY_PRESSED, refusal.problem()
    if press.level is None:
        return Said.KEY_PRESSED, {"seq": press.seq, "outcome": "not_rated"}
    return Said.KEY_PRESSED, {"seq": press.seq, "outcome": "rated", "receipt": receipt}
