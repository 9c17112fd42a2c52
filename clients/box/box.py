"""A simulator of a hardware rating box 评价器: logs in, shows the address it is told to open, sends
the keys that you type.

usage: python box.py wss://hcp.example.gov.cn/api/v1/devices/ws DEVICE-ID DEVICE-KEY [--model
keypad-0] (needs the package `websockets`)

DEVICE-ID and DEVICE-KEY come from pairing: POST /k/pair {"code": "six digits"} answers with `kid`
and `secret`.
"""

import argparse
import asyncio
import json
import sys

import websockets

LOG_IN = 40001


async def run(options: argparse.Namespace) -> str:
    """Talk until the connection ends; return why it could not begin."""
    async with websockets.connect(options.address) as box:
        admitted = asyncio.Event()
        await box.send(
            json.dumps({"code": LOG_IN, "data": {"work_no": options.kid, "key": options.key}})
        )

        async def hear() -> str:
            async for message in box:
                print("←", message, flush=True)
                said = json.loads(message)
                if said.get("data", {}).get("result") == "refused":
                    return "the platform does not know this box; pair it anew"
                if said.get("code") == LOG_IN:
                    admitted.set()
            return ""

        async def beat() -> None:
            while True:
                await asyncio.sleep(60)
                await box.send(json.dumps({"code": 40000}))

        async def press() -> None:
            await admitted.wait()
            loop, seq = asyncio.get_running_loop(), options.seq
            while line := await loop.run_in_executor(None, sys.stdin.readline):
                seq += 1
                pressed = {
                    "code": 40100,
                    "data": {"seq": seq, "model": options.model, "key": int(line)},
                }
                await box.send(json.dumps(pressed))

        done, _ = await asyncio.wait(
            [asyncio.ensure_future(work()) for work in (hear, beat, press)],
            return_when=asyncio.FIRST_COMPLETED,
        )
        return "".join(task.result() or "" for task in done)


asked = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
asked.add_argument("address")
asked.add_argument("kid")
asked.add_argument("key")
asked.add_argument(
    "--model", default="standard", help="which key map, see docs/integrate/devices.md"
)
asked.add_argument("--seq", type=int, default=0, help="the last sequence number this box used")
sys.exit(asyncio.run(run(asked.parse_args())) or 0)
