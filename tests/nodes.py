"""Servers and clients that others wrote for Node, and how the tests start them."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tools"))

from assets import node_and_npm  # noqa: E402 - where the assets are built, Node is found

NODE, _, NODE_ENV = node_and_npm()
SOAP = [*NODE, str(ROOT / "tests" / "soap.mjs")]
SMSC = [*NODE, str(ROOT / "tests" / "smsc.mjs")]
