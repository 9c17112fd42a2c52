"""Files that are there whole or not at all, whatever is killed in between."""

import os
from collections.abc import Mapping
from pathlib import Path


def put(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file beside its place, have the disk keep it, and give it its name."""
    put_all({path: data}, mode=mode)


def put_all(files: Mapping[Path, bytes], *, mode: int = 0o644) -> None:
    """Write many files beside their places, have the disk keep them, and only then name them."""
    beside = [(_written(path, data, mode), path) for path, data in files.items()]
    for scratch, path in beside:
        scratch.replace(path)
    for folder in {path.parent for path in files}:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _written(path: Path, data: bytes, mode: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f"{path.name}.tmp")
    scratch.unlink(missing_ok=True)  # of who was killed; it may be read-only
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return scratch
