"""SMPP 3.4 as a transceiver: one connection that sends, is kept alive, comes back when it is lost,
and hands over receipts and replies.

A reply or receipt is acknowledged after it is committed; the SMSC repeats what was not.
`smpp://system-id:password@host:2775/source-number`.
"""

import asyncio
import itertools
import logging
import threading
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from functools import partial
from urllib.parse import SplitResult, unquote

from django.db import close_old_connections, transaction

from haochaping.kernel import clock
from haochaping.notifications import actions
from haochaping.notifications.actions import Outgoing
from haochaping.notifications.rules import Fate
from haochaping.notifications.rules import fate as fate_of
from haochaping.notifications.senders import pdu
from haochaping.notifications.senders.gateway import Final, Passing

log = logging.getLogger(__name__)
# throttled, queue full, system error, submit failed
_PASSING = frozenset((pdu.THROTTLED, pdu.QUEUE_FULL, 0x08, 0x45, 0x0A))


class Refused(Exception):
    """The SMSC answered with an error status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"0x{status:08X}")
        self.status = status


class Session:
    """One bound connection."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, timeout: float
    ) -> None:
        self.reader, self.writer, self.timeout = reader, writer, timeout
        self.numbers, self.waiting = (
            itertools.cycle(range(1, 0x7FFFFFFF)),
            dict[int, asyncio.Future[pdu.Pdu]](),
        )
        self.window = asyncio.Semaphore(10)  # requests under way: what SMSCs usually allow
        self.handling: set[asyncio.Task[None]] = set()

    async def call(self, command: int, body: bytes = b"") -> pdu.Pdu:
        """Send a request and return its response.

        Raises Refused, TimeoutError or ConnectionError.
        """
        number = next(self.numbers)
        answer = self.waiting[number] = asyncio.get_running_loop().create_future()
        try:
            self.writer.write(pdu.Pdu(command, 0, number, body).encode())
            await self.writer.drain()
            response: pdu.Pdu = await asyncio.wait_for(answer, self.timeout)
        finally:
            self.waiting.pop(number, None)
        if response.status:
            raise Refused(response.status)
        return response

    async def read(self) -> None:
        """Take in PDUs until the connection ends.

        Each delivery is handled beside the reading, so that responses are not held up.
        """
        try:
            while True:
                length, command, status, number = pdu.decode_header(
                    await self.reader.readexactly(pdu.HEADER)
                )
                got = pdu.Pdu(
                    command, status, number, await self.reader.readexactly(length - pdu.HEADER)
                )
                if command & pdu.RESPONSE:
                    waiting = self.waiting.get(number)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(
                            got
                            if command != pdu.GENERIC_NACK
                            else pdu.Pdu(command, status or pdu.INVALID_COMMAND, number)
                        )
                elif command == pdu.DELIVER:
                    task = asyncio.create_task(self.take(got))
                    self.handling.add(task)
                    task.add_done_callback(self.handling.discard)
                elif command in (pdu.ENQUIRE, pdu.UNBIND):
                    self.writer.write(pdu.Pdu(command | pdu.RESPONSE, 0, number).encode())
                    if command == pdu.UNBIND:
                        return
                else:
                    self.writer.write(
                        pdu.Pdu(pdu.GENERIC_NACK, pdu.INVALID_COMMAND, number).encode()
                    )
        except (asyncio.IncompleteReadError, OSError, pdu.Malformed):
            return
        finally:
            self.writer.close()
            for waiting in self.waiting.values():
                if not waiting.done():
                    waiting.set_exception(ConnectionError("the SMPP session was lost"))

    async def take(self, got: pdu.Pdu) -> None:
        """Store a reply or receipt, then acknowledge it."""
        status = 0
        try:
            found = pdu.delivered(got.body)
            if found.is_receipt:
                await self.take_receipt(found)
            else:
                await asyncio.to_thread(_store_reply, found)
        except pdu.Malformed:
            log.warning(
                "a deliver_sm could not be read"
            )  # acknowledged all the same: it would come again for ever
        except Exception:
            log.exception("a deliver_sm could not be stored; the SMSC will repeat it")
            status = pdu.TRY_AGAIN
        with suppress(OSError):
            self.writer.write(
                pdu.Pdu(pdu.DELIVER | pdu.RESPONSE, status, got.sequence, b"\0").encode()
            )

    async def take_receipt(self, found: pdu.Delivered) -> None:
        """Store a receipt; it never becomes a reply, whether or not its message is known.

        One that comes before the response to its message waits a moment for it.
        """
        if not found.receipt_id:
            log.info("a receipt names no message")
            return
        for pause in (0.0, 0.2, 1.0, 3.0):
            await asyncio.sleep(pause)
            if await asyncio.to_thread(_store_receipt, found):
                return
        log.info("a receipt matched no open message")


def _store_receipt(found: pdu.Delivered) -> bool:
    close_old_connections()
    fate = fate_of(found.receipt_state)
    return actions.take_receipt(
        provider_id=found.receipt_id,
        message_id=None,
        fate=fate,
        phone=found.source,
        why="" if fate is Fate.DELIVERED else f"{found.receipt_state} {found.receipt_error}",
        at=clock.now(),
    )


def _store_reply(found: pdu.Delivered) -> None:
    close_old_connections()
    at = clock.now()
    whose = found.source, found.destination
    with transaction.atomic():  # the last part and the reply, or neither: it comes again
        part = found.part
        text = found.text if part is None else actions.take_part(sender=whose, part=part, at=at)
        if text is not None:
            # SMPP gives replies no time of their own
            actions.take_reply(
                phone=found.source, destination=found.destination, content=text, sent_at=None, at=at
            )


class Smpp:
    """Sends through an SMSC.

    One thread of the process holds the connection; `send` may be called from any.
    """

    def __init__(self, address: SplitResult) -> None:
        self.host, self.port = address.hostname or "localhost", address.port or 2775
        self.system_id, self.password = (
            unquote(address.username or ""),
            unquote(address.password or ""),
        )
        self.source = address.path.strip("/")
        self.loop = asyncio.new_event_loop()
        self.session: Session | None = None
        self.bound = threading.Event()
        self.references = itertools.count(1)
        self.started = threading.Lock()
        self.thread: threading.Thread | None = None

    def listen(self) -> None:
        """Start the thread that holds the connection, once."""
        with self.started:
            if self.thread is None:
                self.thread = threading.Thread(
                    target=partial(self.loop.run_until_complete, self.hold()),
                    name="smpp",
                    daemon=True,
                )
                self.thread.start()

    async def hold(self) -> None:
        """Connect, bind and keep alive, for ever."""
        pause = 1.0
        while True:
            try:
                reader, writer = await asyncio.wait_for(
                    asyncio.open_connection(self.host, self.port), 10
                )
                session = Session(reader, writer, 15)
                reading = asyncio.create_task(session.read())
                await session.call(pdu.BIND_TRANSCEIVER, pdu.bind(self.system_id, self.password))
                self.session, pause = session, 1.0
                self.bound.set()
                while not reading.done():
                    await asyncio.wait([reading], timeout=30)
                    if not reading.done():
                        await session.call(pdu.ENQUIRE)
            except (OSError, TimeoutError, Refused) as trouble:
                log.warning(
                    "SMPP %s:%s: %s; trying again in %.0f s", self.host, self.port, trouble, pause
                )
            self.session = None
            self.bound.clear()
            await asyncio.sleep(pause)
            pause = min(pause * 2, 60)

    def send(self, message: Outgoing) -> str:
        """Hand the message over and return the id of its last part, whose receipt says that all
        arrived; raises Passing or Final.
        """
        self.listen()
        if not self.bound.wait(10):
            raise Passing("not connected")
        try:
            return asyncio.run_coroutine_threadsafe(self._send(message), self.loop).result(60)
        except Refused as refused:
            raise (Passing if refused.status in _PASSING else Final)(str(refused)) from None
        except (OSError, TimeoutError, Late) as trouble:
            raise Passing(str(trouble) or "no answer") from None

    async def _send(self, message: Outgoing) -> str:
        session = self.session
        if session is None:
            raise ConnectionError("not connected")
        last = ""
        for esm_class, part in pdu.parts(message.text, next(self.references)):
            async with session.window:
                body = pdu.submit(
                    f"{self.source}{message.extension}", f"86{message.phone}", esm_class, part
                )
                last = (await session.call(pdu.SUBMIT, body)).body.split(b"\0")[0].decode("latin-1")
        return last
