"""The command line `hcp`.

Errors say in both languages what to do; nothing here prints a traceback for what a person can mend.
"""

import atexit
import os
import sys
from pathlib import Path
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
    import django  # noqa: PLC0415 - after the environment is set

    from haochaping.config import settings, stack  # noqa: PLC0415 - as above

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


@main.command()
@click.option(
    "--demo", is_flag=True, help="Load demonstration data the first time and show how to sign in."
)
@click.option(
    "--days",
    default=90,
    show_default=True,
    help="With --demo: how many days the demonstration data covers.",
)
@click.option(
    "--scale", default=0.25, show_default=True, help="With --demo: 1.0 is about 200 000 ratings."
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8000,
    show_default=True,
    help="Port of the pages.",
)
@click.option(
    "--collector-port",
    type=click.IntRange(1, 65535),
    default=8001,
    show_default=True,
    help="Port of the interface for systems.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--collectors",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="How many processes take what systems send.",
)
def serve(
    *,
    demo: bool,
    days: int,
    scale: float,
    port: int,
    collector_port: int,
    host: str,
    collectors: int,
) -> None:
    """Start everything: database, pages, collector and worker. Ctrl-C stops it cleanly."""
    if demo:
        os.environ["HCP_DEMO"] = "1"
    from haochaping.config import stack  # noqa: PLC0415 - settings are read on import

    stack.serve(
        stack.Plan(
            host=host,
            port=port,
            collector_port=collector_port,
            collectors=collectors,
            demo=demo,
            days=days,
            scale=scale,
        )
    )


@main.command()
def migrate() -> None:
    """Bring the database up to date and set the rights of its roles. Safe to run again."""
    prepare(as_owner=True)
    from haochaping.config import upkeep  # noqa: PLC0415 - Django first

    upkeep.migrate()


@main.command()
def seed() -> None:
    """Load what every site needs: regions, indicators, working days, the default policy.

    Safe to run again.
    """
    prepare()
    from haochaping.config import upkeep  # noqa: PLC0415 - Django first

    upkeep.seed()


@main.command()
def worker() -> None:
    """Run one worker: jobs and the feed. `hcp serve` runs one; a larger site runs several."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haochaping.config.settings")
    import django  # noqa: PLC0415 - after the environment is set

    django.setup()
    from haochaping.config import worker as process  # noqa: PLC0415 - Django first

    process.main()


@main.command()
def doctor() -> None:
    """Say whether everything is in order, and how to mend what is not."""
    prepare()
    from haochaping.config import upkeep  # noqa: PLC0415 - Django first

    worst = 0
    for check in upkeep.examine():
        mark, colour = {0: ("✓", "green"), 1: ("!", "yellow"), 2: ("✗", "red")}[check.severity]
        click.secho(f"{mark} {check.says.zh} / {check.says.en}", fg=colour)
        worst = max(worst, check.severity)
    sys.exit(1 if worst == 2 else 0)  # noqa: PLR2004 - the gravest severity


@main.command()
@click.option("--days", default=90, show_default=True, help="How many days back the data reaches.")
@click.option("--scale", default=1.0, show_default=True, help="1.0 is about 200 000 ratings.")
@click.option(
    "--seed", default=20261123, show_default=True, help="The same seed gives the same world."
)
def demo(*, days: int, scale: float, seed: int) -> None:
    """Load the demonstration world into an empty platform."""
    prepare(demo=True)
    from haochaping.config.demo import load  # noqa: PLC0415 - Django first

    load.load(days=days, scale=scale, seed=seed)


@main.command("import")
@click.argument(
    "what",
    type=click.Choice(
        ["records", "evaluations", "regions", "departments", "halls", "windows", "staff", "items"]
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--dialect",
    default="gg",
    show_default=True,
    type=click.Choice(["gg", "zj", "v1"]),
    help="What channel numbers 6 and 7 mean (evaluations).",
)
@click.option(
    "--refused",
    type=click.Path(path_type=Path),
    help="Write the refused rows with their reasons to this CSV file; "
    "default: a file in HCP_HOME/refused/.",
)
@click.option("--dry-run", is_flag=True, help="Only check; write nothing (directory tables).")
def import_file(
    *, what: str, file: Path, dialect: str, refused: Path | None, dry_run: bool
) -> None:
    """Import a CSV, XLSX or JSON lines FILE. It can be stopped and run again: nothing is stored
    twice.

    Refused rows go to a file with their reasons; the last line printed is a JSON object with the
    counts.
    """
    prepare()
    from haochaping.config import imports, settings  # noqa: PLC0415 - Django first
    from haochaping.kernel import clock  # noqa: PLC0415 - as above

    report = imports.run(what, file, dialect=dialect, dry_run=dry_run)
    refused = (
        refused or settings.HOME / "refused" / f"{file.stem}-{what}-{clock.now():%Y%m%dT%H%M%S}.csv"
    )
    if report.refused:
        report.write(refused)
    report.show(refused)


@main.command("issue-key")
@click.argument("client")
@click.option(
    "--region",
    default=320000000000,
    show_default=True,
    help="The client may write within this region (12 digits).",
)
@click.option(
    "--algorithm", default="sha256", show_default=True, type=click.Choice(["sha256", "sm3"])
)
def issue_key(*, client: str, region: int, algorithm: str) -> None:
    """Make a key for the system CLIENT. The secret is shown once."""
    prepare()
    from haochaping.identity import actions  # noqa: PLC0415 - Django first
    from haochaping.kernel import clock  # noqa: PLC0415 - as above

    _refuse_unknown_region(region)
    kid, secret = actions.issue_key(
        client=client, region=region, algorithm=algorithm, by=0, at=clock.now()
    )
    click.echo(
        f"key id   {kid}\nsecret   {secret}\n请立即保存，密钥不会再次显示。/ Keep it now; it is "
        "not shown again."
    )


@main.command("connect-hotline")
@click.argument("url")
@click.option(
    "--region",
    required=True,
    type=int,
    help="The city whose orders its own 12345 system works on (12 digits).",
)
def connect_hotline(*, url: str, region: int) -> None:
    """Hand the orders of a city to its own 12345 system at URL (docs/integrate/hotline-12345.md).

    The secret is shown once.
    """
    prepare()
    from haochaping.exchange import actions  # noqa: PLC0415 - Django first
    from haochaping.kernel import clock  # noqa: PLC0415 - as above

    _refuse_unknown_region(region)
    kid, secret = actions.connect_hotline(region=region, url=url, by=0, at=clock.now())
    click.echo(
        f"key id   {kid}\nsecret   {secret}\n请立即保存，密钥不会再次显示。/ Keep it now; it is "
        "not shown again."
    )


@main.command("cti-secret")
def cti_secret() -> None:
    """Print the secret with which the telephone system and the platform check each other
    (docs/integrate/cti.md).
    """
    prepare()
    from haochaping.config import settings  # noqa: PLC0415 - Django first

    click.echo(settings.CTI_SECRET)


@main.command("issue-partner-key")
@click.argument("client")
@click.argument("dialect", type=click.Choice(["sd", "fj", "zj", "ah"]))
@click.option(
    "--region",
    default=320000000000,
    show_default=True,
    help="The client may write within this region (12 digits).",
)
def issue_partner_key(*, client: str, dialect: str, region: int) -> None:
    """Make the keys of the system CLIENT that speaks a DIALECT, and print what to enter there.

    They are shown once.
    """
    prepare()
    from haochaping.config import settings  # noqa: PLC0415 - Django first
    from haochaping.identity import actions  # noqa: PLC0415 - as above
    from haochaping.kernel import clock  # noqa: PLC0415 - as above

    _refuse_unknown_region(region)
    made = actions.issue_partner_key(
        client=client, region=region, dialect=dialect, by=0, at=clock.now()
    )
    base, path = f"{settings.PUBLIC_URL}/dialects/{dialect}", f"{made['kid']}.{made['path_word']}"
    shown = {
        "sd": {
            "address": f"{base}/hcp/",
            "appMark": made["kid"],
            "appWord": made["app_word"],
            "SM2 public key": made["sm2_public"],
        },
        "fj": {
            "token": f"{base}/gateway/get-token",
            "service": f"{base}/services/evaluate",
            "app_key": made["kid"],
            "appCode": made["app_code"],
        },
        "zj": {"report": f"{base}/{path}/report", "publishurl": f"{base}/{path}/publishurl"},
        "ah": {"page": f"{base}/{path}/page", "status": f"{base}/{path}/status"},
    }[dialect]
    for name, value in shown.items():
        click.echo(f"{name:<15} {value}")
    click.echo("请立即保存，密钥不会再次显示。/ Keep it now; it is not shown again.")


@main.command()
@click.argument("account")
@click.option(
    "--role",
    required=True,
    help="province, city, agent, clerk, handler, hall, leader, auditor or admin.",
)
@click.option(
    "--region",
    default=320000000000,
    show_default=True,
    help="How far the post reaches (12 digits).",
)
@click.option("--name", default="", help="The person's name as pages show it.")
@click.option("--department", default="", help="Credit code of the department, for a handler.")
@click.option("--window", default="", help="Code of the window, for a clerk.")
@click.password_option(help="Asked for when it is not given.")
def appoint(
    *, account: str, role: str, region: int, name: str, department: str, window: str, password: str
) -> None:
    """Make the account ACCOUNT with its post, or change its post and password."""
    prepare()
    from haochaping.config import upkeep  # noqa: PLC0415 - Django first

    upkeep.appoint(
        account=account,
        role=role,
        region=region,
        name=name,
        department=department,
        window=window,
        password=password,
    )
    click.echo(f"{account}: {role} {region}")


@main.command("pair-device")
@click.argument("window_code")
@click.option(
    "--kind", default="tablet", show_default=True, type=click.Choice(["tablet", "terminal", "box"])
)
def pair_device(*, window_code: str, kind: str) -> None:
    """Make a six-digit code that pairs one device with the window WINDOW_CODE within ten
    minutes.
    """
    prepare()
    from haochaping.config import upkeep  # noqa: PLC0415 - Django first

    click.echo(upkeep.pair_device(window_code=window_code, kind=kind))


@main.command()
def probe() -> None:
    """Test every channel now with one synthetic rating of each level.

    They are marked and never counted. The platform must be running.
    """
    prepare()
    from haochaping.exchange.partners import ourselves  # noqa: PLC0415 - Django first
    from haochaping.kernel import clock  # noqa: PLC0415 - as above

    refused = ourselves.probe_all(clock.now())
    click.echo(
        f"巡检完成，{refused} 项未通过，详见 渠道监测 / tested; {refused} failed, see the page "
        "Channels"
    )
    sys.exit(1 if refused else 0)


@main.command("sms-hooks")
def sms_hooks() -> None:
    """Print the addresses at which an SMS gateway pushes receipts and replies.

    They hold a secret: give them to nobody else.
    """
    prepare()
    from haochaping.config import settings  # noqa: PLC0415 - Django first
    from haochaping.notifications.rules import HOOKS  # noqa: PLC0415 - as above

    for provider, kind in HOOKS:
        click.echo(f"{settings.PUBLIC_URL}/hooks/sms/{settings.SMS_HOOK_SECRET}/{provider}/{kind}")


@main.command()
@click.argument("project_no")
@click.argument("service_number", type=int)
def invite(*, project_no: str, service_number: int) -> None:
    """Make a one-time link to rate the service PROJECT_NO, SERVICE_NUMBER and print its path."""
    prepare()
    from haochaping.invitations import actions  # noqa: PLC0415 - Django first
    from haochaping.kernel import clock  # noqa: PLC0415 - as above
    from haochaping.kernel.errors import NotFound  # noqa: PLC0415 - as above
    from haochaping.records.queries import key_of  # noqa: PLC0415 - as above

    key = key_of(project_no, service_number)
    if key is None:
        raise NotFound
    click.echo(f"/e/{actions.invite(record_id=key, by=0, at=clock.now())}")


def _refuse_unknown_region(region: int) -> None:
    from haochaping.kernel.words import Words  # noqa: PLC0415 - Django first
    from haochaping.regions import queries  # noqa: PLC0415 - as above

    if queries.tree().resolve(region) is None:
        raise Refusal(
            Words(
                f"行政区划代码 {region} 不存在，应为 12 位。",
                f"There is no region {region}; give its 12 digits.",
            )
        )


@main.command()
def docs() -> None:
    """Write the generated documents again."""
    prepare()
    from haochaping.config import documents  # noqa: PLC0415 - Django first

    for path, text in documents.generated().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        click.echo(path)
