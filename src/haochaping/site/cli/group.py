"""The group of commands that `hcp` is, and what each does first."""

import atexit
import os
import sys
from typing import Any

import click

from haochaping.kernel.errors import Refusal


class Friendly(click.Group):
    """A group whose commands end refusals with a message instead of a traceback."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(context)
        except OSError as error:  # a folder that cannot be made, a file that cannot be written
            click.secho(f"错误：{error}\nError: {error}", fg="red", err=True)
            sys.exit(1)
        except Refusal as refusal:
            click.secho(f"错误：{refusal.says.zh}\nError: {refusal.says.en}", fg="red", err=True)
            sys.exit(1)


def prepare(*, as_owner: bool = False, demo: bool = False) -> None:
    """Set Django up, starting the embedded database when it is the one in use."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haochaping.config.settings")
    if as_owner:
        os.environ["HCP_AS_OWNER"] = "1"
    if demo:
        os.environ["HCP_DEMO"] = "1"
    import django

    from haochaping.config import settings
    from haochaping.site import stack

    if stack.ensure_database(settings):
        atexit.register(
            settings.embedded.stop
        )  # who starts the database for one command also stops it
    django.setup()


@click.group(
    cls=Friendly, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
def main() -> None:
    """Haochaping 好差评: citizens rate every government service, and each bad rating is put right.

    `hcp serve --demo` starts the whole platform with demonstration data; `hcp doctor` says whether
    everything is in order.
    """
