"""QR codes as SVG."""

import io
from base64 import b64encode

import segno


def drawing(
    address: str, *, error: str = "q", border: int = 4, scale: int = 4, namespace: bool = True
) -> str:
    """Return a QR code as SVG: error level M for screens, Q for paper and glass.

    Scanners need a quiet zone of four modules on paper.
    """
    drawn = io.BytesIO()
    made = segno.make(address, error=error, micro=False)
    made.save(
        drawn,
        kind="svg",
        xmldecl=False,
        svgns=namespace,
        scale=scale,
        border=border,
        dark="#14233b",
        light="#ffffff",
        omitsize=not namespace,
    )
    return drawn.getvalue().decode()


def data_address(address: str) -> str:
    """Return a QR code as a data address, which the policy of device pages allows for pictures."""
    return f"data:image/svg+xml;base64,{b64encode(drawing(address, border=2).encode()).decode()}"
