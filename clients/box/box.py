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


async def run(options: argparse.Namespace) -> None:
    """Talk until the connection ends."""
    async with websockets.connect(options.address) as box:
        await box.send(
            json.dumps({"code": 40001, "data": {"work_no": options.kid, "key": options.key}})
        )

        async def hear() -> None:
            async for message in box:
                print("←", message, flush=True)

        async def beat() -> None:
            while True:
                await asyncio.sleep(60)
                await box.send(json.dumps({"code": 40000}))

        async def press() -> None:
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
        for task in done:
            task.result()


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
asyncio.run(run(asked.parse_args()))
