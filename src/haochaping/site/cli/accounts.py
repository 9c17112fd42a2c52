"""Accounts, devices, one-time links and files, from the command line."""

from pathlib import Path

import click

from haochaping.site.cli.group import main, prepare


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
@click.option(
    "--dry-run", is_flag=True, help="Only check and tell what would happen; write nothing."
)
@click.option(
    "--region",
    type=int,
    help="12 digits; a table of the directory touches what lies there and nothing else. "
    "Needed to move an entry from city to city.",
)
def import_file(
    *, what: str, file: Path, dialect: str, refused: Path | None, dry_run: bool, region: int | None
) -> None:
    """Import a CSV, XLSX or JSON lines FILE. It can be stopped and run again: nothing is stored
    twice.

    Refused rows go to a file with their reasons; the last line printed is a JSON object with the
    counts.
    """
    prepare()
    from haochaping.config import settings
    from haochaping.kernel import clock
    from haochaping.site import files

    report = files.run(what, file, dialect=dialect, dry_run=dry_run, region=region)
    refused = (
        refused or settings.HOME / "refused" / f"{file.stem}-{what}-{clock.now():%Y%m%dT%H%M%S}.csv"
    )
    if dry_run:
        click.echo("预览：什么也没有写入 / preview: nothing was written")
    if report.refused:
        files.write(report, refused)
    files.show(report, refused)


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
    from haochaping.site import upkeep

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
    from haochaping.site import upkeep

    click.echo(upkeep.pair_device(window_code=window_code, kind=kind))


@main.command()
@click.argument("project_no")
@click.argument("service_number", type=int)
def invite(*, project_no: str, service_number: int) -> None:
    """Make a one-time link to rate the service PROJECT_NO, SERVICE_NUMBER and print its path."""
    prepare()
    from haochaping.invitations import actions
    from haochaping.kernel import clock
    from haochaping.kernel.errors import NotFound
    from haochaping.records.queries import key_of

    key = key_of(project_no, service_number)
    if key is None:
        raise NotFound
    click.echo(f"/e/{actions.invite(record_id=key, at=clock.now())}")


@main.command("forget-factor")
@click.argument("name")
def forget_factor(*, name: str) -> None:
    """Take away the second factor of the account NAME, which lost it: its sessions end, and it
    signs in by password until it has a new one.
    """
    prepare()
    from haochaping.identity import actions
    from haochaping.kernel import clock

    actions.lose_factor(account=name, by=0, at=clock.now())
    click.echo(f"已停用 {name} 的两步验证 / {name} signs in by password again")
