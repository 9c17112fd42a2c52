"""Keys and secrets of the systems that are connected."""

from datetime import timedelta

import click

from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words
from haochaping.site.cli.group import main, prepare


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
@click.option(
    "--department",
    "departments",
    multiple=True,
    help="Credit code of a department that it may name; may be repeated. Default: every one of its "
    "region.",
)
@click.option(
    "--everybodys",
    is_flag=True,
    help="It works on services that other systems registered, too. Default: its own only.",
)
def issue_key(
    *, client: str, region: int, algorithm: str, departments: tuple[str, ...], everybodys: bool
) -> None:
    """Make a key for the system CLIENT. The secret is shown once."""
    prepare()
    from haochaping.identity import actions
    from haochaping.kernel import clock

    _refuse_unknown_region(region)
    _refuse_bad_departments(departments)
    kid, secret = actions.issue_key(
        client=client,
        region=region,
        algorithm=algorithm,
        departments=departments,
        everybodys=everybodys,
        by=0,
        at=clock.now(),
    )
    _show(kid, secret)


@main.command("keys")
def list_keys() -> None:
    """List every key: its client, how far that reaches, and until when the key is good."""
    prepare()
    from haochaping.identity import queries
    from haochaping.kernel import clock

    at = clock.now()
    for key in queries.every_key():
        ends = key.revoked_at
        state = "有效 valid" if ends is None else "已停用 ended" if ends <= at else "将停用 ends"
        client = key.client
        click.echo(
            f"{key.kid:<16} {key.algorithm:<7} {state:<12} {ends or '':<26} {client.name}  "
            f"{client.region}  {','.join(client.departments) or '*'}"
            f"{'  everybodys' if client.everybodys else ''}"
        )


@main.command("revoke-key")
@click.argument("kid")
@click.option("--after", default=0, show_default=True, help="Hours until it ends.")
def revoke_key(*, kid: str, after: int) -> None:
    """End the key KID, of a system, a partner or a hotline; collectors notice within 20 seconds."""
    prepare()
    from haochaping.identity import actions
    from haochaping.kernel import clock

    ends = actions.revoke_key(kid=kid, after=timedelta(hours=after), by=0, at=clock.now())
    click.echo(f"{kid}: 停用于 ends at {ends.isoformat()}")


@main.command("rotate-key")
@click.argument("kid")
@click.option("--overlap", default=72, show_default=True, help="Hours for which both are good.")
def rotate_key(*, kid: str, overlap: int) -> None:
    """Make a new key for the system of key KID, which ends after an overlap."""
    prepare()
    from haochaping.identity import actions
    from haochaping.kernel import clock

    _show(*actions.rotate_key(kid=kid, overlap=timedelta(hours=overlap), by=0, at=clock.now()))
    click.echo(f"{kid}: 仍可使用 {overlap} 小时 / good for {overlap} more hours")


@main.command("grant-client")
@click.argument("client")
@click.option("--department", "departments", multiple=True, help="As for issue-key.")
@click.option("--everybodys", is_flag=True, help="As for issue-key.")
def grant_client(*, client: str, departments: tuple[str, ...], everybodys: bool) -> None:
    """Say anew which departments the system CLIENT may name and whose services it works on."""
    prepare()
    from haochaping.identity import actions
    from haochaping.kernel import clock

    _refuse_bad_departments(departments)
    actions.grant_client(
        client=client, departments=departments, everybodys=everybodys, by=0, at=clock.now()
    )
    click.echo(f"{client}: {','.join(departments) or '*'}{' everybodys' if everybodys else ''}")


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
    from haochaping.exchange import actions
    from haochaping.kernel import clock

    _refuse_unknown_region(region)
    kid, secret = actions.connect_hotline(region=region, url=url, by=0, at=clock.now())
    _show(kid, secret)


@main.command("cti-secret")
def cti_secret() -> None:
    """Print the secret with which the telephone system and the platform check each other
    (docs/integrate/cti.md).
    """
    prepare()
    from haochaping.config import settings

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
    from haochaping.config import settings
    from haochaping.identity import actions
    from haochaping.kernel import clock

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


@main.command("rotate-sealing-key")
def rotate_sealing_key() -> None:
    """Make a new key with which personal data is sealed from the next start of each process on.

    Keys before it go on opening what they sealed; back the file up with the site's secret. Then run
    `hcp reseal`.
    """
    prepare()
    from haochaping.config import settings
    from haochaping.kernel import crypto

    crypto.add_key(settings.SEALING_KEYS)
    click.echo(
        f"新的封存密钥已写入 {settings.SEALING_KEYS}，请与主密钥一同备份；重启后生效，"
        "然后执行 hcp reseal / the new sealing key is written; back it up, restart, then run hcp "
        "reseal"
    )


@main.command("reseal")
def reseal() -> None:
    """Seal anew what lies sealed with an earlier key. It can be stopped and run again, while the
    platform runs.
    """
    prepare(as_owner=True)
    from haochaping.site import sealing

    for table, number in sealing.reseal():
        click.echo(f"{number:>9}  {table}")


@main.command("sms-hooks")
def sms_hooks() -> None:
    """Print the addresses at which an SMS gateway pushes receipts and replies.

    They hold a secret: give them to nobody else.
    """
    prepare()
    from haochaping.config import settings
    from haochaping.notifications.senders import HOOKS

    for provider, kind in HOOKS:
        click.echo(f"{settings.PUBLIC_URL}/hooks/sms/{settings.SMS_HOOK_SECRET}/{provider}/{kind}")


def _show(kid: str, secret: str) -> None:
    click.echo(
        f"key id   {kid}\nsecret   {secret}\n请立即保存，密钥不会再次显示。/ Keep it now; it is "
        "not shown again."
    )


def _refuse_bad_departments(departments: tuple[str, ...]) -> None:
    from haochaping.directory.rules import is_uscc

    for code in departments:
        if not is_uscc(code):
            raise Refusal(
                Words(
                    f"{code} 不是有效的统一社会信用代码。",
                    f"{code} is no valid unified social credit code.",
                )
            )


def _refuse_unknown_region(region: int) -> None:
    from haochaping.regions import queries

    if queries.tree().resolve(region) is None:
        raise Refusal(
            Words(
                f"行政区划代码 {region} 不存在，应为 12 位。",
                f"There is no region {region}; give its 12 digits.",
            )
        )
