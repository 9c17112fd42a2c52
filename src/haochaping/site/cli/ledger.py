"""The ledger from the command line."""

import subprocess
import sys
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words
from haochaping.site.cli.group import main, prepare

if TYPE_CHECKING:
    from haochaping.ledger.queries import Log


def _public(_context: object, _option: object, reason: str) -> str:
    """Return a reason that everybody reads for ever, unless it tells who somebody is."""
    from haochaping.kernel import personal

    if personal.is_in(reason):
        raise click.BadParameter(
            "含个人信息，请改写 / it holds personal data: write it differently"
        )
    return reason


@main.group()
def ledger() -> None:
    """Look after the tamper-evident log 存证账本, and go on when it is frozen."""


@ledger.command()
def status() -> None:
    """Say how far each log is, whether it signs, and which keys the world is to pin."""
    prepare()
    from haochaping.kernel.moments import LOCAL
    from haochaping.ledger import queries

    for log in queries.logs():
        cover = queries.covering(log.pk, log.published - 1)
        signed = f"{cover.signed_at.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}" if cover else "—"
        click.secho(f"{log.origin}", bold=True)
        click.echo(
            f"  叶子 {log.size}，已发布 {log.published}，最近签名 {signed} / "
            "leaves, published, last signed"
        )
        if log.frozen:
            click.secho(f"  ✗ 已冻结，不再签名 / frozen: {log.frozen}", fg="red")
        for vkey in queries.vkeys(log):
            click.echo(f"  {vkey}")


@ledger.command()
def verify() -> None:
    """Compare every rating with its leaf, every leaf with the published files, and the audit trail
    with its own log.
    """
    prepare()
    from haochaping.kernel import clock
    from haochaping.ledger import actions as logs
    from haochaping.ledger import queries
    from haochaping.proofs import actions

    altered = actions.examine_all(at=clock.now())
    broken = [
        log.origin
        for log in queries.logs()
        if log.successor is None
        and not logs.look(log_id=log.pk, suspects=range(-(-log.published // 256)), at=clock.now())
    ]
    changed = [*queries.changed_trail(), *queries.bare_trail()]
    days = actions.examine_days(at=clock.now())
    click.echo(
        f"被改动的事实 {altered}，账本异常 {len(broken)}，被改动的审计条目 {len(changed)}"
        f"，日账不符 {days} / facts altered, logs broken, audit entries changed, logs whose day "
        "books do not hold"
    )
    if altered or broken or changed or days:
        raise Refusal(
            Words(
                "核验不通过，详见 hcp ledger status；处置办法见 docs/operate/ledger.md。",
                "it does not hold: see hcp ledger status, and docs/operate/ledger.md for what to "
                "do.",
            )
        )


def _log(name: str) -> "Log":
    from haochaping.ledger import queries

    log = queries.log_named(name)
    if log is None:
        raise Refusal(
            Words(f"没有名为 {name} 的账本。", f"there is no log named {name}."), code="log"
        )
    return log


@ledger.command()
@click.argument("name")
@click.argument("source")
@click.option(
    "--reason", required=True, callback=_public, help="What happened; it is written down."
)
def recover(*, name: str, source: str, reason: str) -> None:
    """Take the leaves of the log NAME that a restored database lost from SOURCE, a mirror: a folder
    or an address. The platform's own folder is one, where only the database was restored.
    """
    prepare(as_owner=True)
    from haochaping.kernel import clock
    from haochaping.ledger import actions as logs
    from haochaping.ledger.rules import BadNote
    from haochaping.proofs import actions

    def fetch(place: str) -> bytes:
        if "://" not in source:
            return (Path(source) / place).read_bytes()
        with urllib.request.urlopen(f"{source.rstrip('/')}/{place}", timeout=60) as answer:  # noqa: S310 - an operator's own mirror
            data: bytes = answer.read()
            return data

    log_id = _log(name).pk
    try:
        found = actions.recover(log_id=log_id, fetch=fetch, reason=reason, by=0, at=clock.now())
        logs.rebuild(log_id=log_id)
    except (OSError, ValueError, BadNote, logs.Broken) as wrong:
        raise Refusal(
            Words(
                f"镜像读不到或与本账本不符：{wrong}。换一个镜像，或见 docs/operate/ledger.md。",
                f"the mirror cannot be read, or is none of this log: {wrong}. Try another, or see "
                "docs/operate/ledger.md.",
            )
        ) from None
    click.echo(f"找回 {found} 个叶子，下次发布恢复签名 / leaves came back; the log signs again")


@ledger.command()
@click.argument("name")
@click.option(
    "--reason", required=True, callback=_public, help="Why it may sign again; it is written down."
)
def thaw(*, name: str, reason: str) -> None:
    """Write every file of the log NAME again and sign again, after its cause was mended."""
    prepare()
    from haochaping.kernel import clock
    from haochaping.ledger import actions
    from haochaping.proofs import actions as proofs

    log_id = _log(name).pk
    if proofs.examine_all(at=clock.now()):
        raise Refusal(
            Words(
                "仍有与分录不符的内容：请先恢复原样，确实无法恢复的用 hcp ledger admit 公开说明。",
                "something still is not what its leaf commits to: put it back, or say so in public "
                "with hcp ledger admit.",
            )
        )
    actions.rebuild(log_id=log_id)
    actions.thaw(log_id=log_id, reason=reason, by=0, at=clock.now())
    click.echo("下次发布恢复签名 / the log signs again")


@ledger.command()
@click.argument("name")
@click.option(
    "--reason",
    required=True,
    callback=_public,
    help="What was altered, for everybody to read for ever.",
)
def admit(*, name: str, reason: str) -> None:
    """Say in public, in a leaf of the log NAME, what was altered and cannot be put back; go on."""
    prepare()
    from haochaping.kernel import clock
    from haochaping.proofs import actions

    actions.admit(log_id=_log(name).pk, reason=reason, by=0, at=clock.now())
    click.echo("已公开更正，下次发布恢复签名 / said in public; the log signs again")


@ledger.command()
@click.argument("name")
@click.option(
    "--reason",
    required=True,
    callback=_public,
    help="What was lost, for everybody to read for ever.",
)
def succeed(*, name: str, reason: str) -> None:
    """Give the frozen log NAME up, because neither its files nor any mirror came back, and open
    another in its place: its first leaf says so. What no closed day covers is entered anew.
    """
    prepare(as_owner=True)
    from haochaping.kernel import clock
    from haochaping.proofs import actions

    fresh = actions.succeed(log_id=_log(name).pk, reason=reason, by=0, at=clock.now())
    click.echo(f"由 {fresh} 接续，请公布它的公钥 / goes on: publish its keys (hcp ledger status)")


@ledger.command("open")
@click.argument("name")
@click.argument("request", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", required=True, type=click.Path(path_type=Path), help="New file, for them.")
@click.option(
    "--reason", required=True, callback=_public, help="Who audits, and why; it is written down."
)
def open_(*, name: str, request: Path, to: Path, reason: str) -> None:
    """Open the leaves of the log NAME that an auditor drew (hcp_verify.py draw wrote REQUEST), into
    a file that only its owner can read: levels of ratings without names, phones or words.
    """
    prepare()
    import msgspec

    from haochaping.kernel import clock
    from haochaping.proofs import actions, rules

    log = _log(name)
    try:
        draw = msgspec.json.decode(request.read_bytes(), type=rules.Draw)
    except msgspec.DecodeError:
        raise rules.OTHER_LEAVES from None
    told = actions.open_sample(log=log, draw=draw, reason=reason, by=0, at=clock.now())
    to.touch(mode=0o600, exist_ok=False)
    to.write_bytes(msgspec.json.encode(told))
    click.echo(
        f"已打开 {len(draw.numbers)} 个叶子，请私下交给审计方 / opened, for the auditor alone"
    )


@ledger.command()
@click.argument("name")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.option(
    "--auditor", required=True, callback=_public, help="Who drew and checked; everybody reads it."
)
@click.option(
    "--seed",
    required=True,
    callback=_public,
    help="The word that drew them; anybody can draw again.",
)
@click.option("--leaves", required=True, type=click.IntRange(1), help="How many were checked.")
@click.option("--wrong", required=True, type=click.IntRange(0), help="How many did not hold.")
def sampled(*, name: str, day: datetime, auditor: str, seed: str, leaves: int, wrong: int) -> None:
    """Say in public, in a leaf of the log NAME, what an auditor's sample of DAY found."""
    prepare()
    from haochaping.kernel import clock
    from haochaping.proofs import actions, rules
    from haochaping.proofs import queries as proofs

    log = _log(name)
    if proofs.day_of(log.pk, str(day.date())) is None:
        raise rules.NO_SUCH_DAY
    found = rules.Found(str(day.date()), seed, auditor, leaves, wrong)
    no = actions.say_sampled(log=log, found=found, by=0, at=clock.now())
    click.echo(f"已入账，第 {no} 号 / in the ledger")


@ledger.command("announce-canaries")
@click.argument("digest")
@click.option(
    "--auditor", required=True, callback=_public, help="Whose list it is; everybody reads it."
)
def announce_canaries(*, digest: str, auditor: str) -> None:
    """Enter the DIGEST of an auditor's list of mystery ratings (hcp_verify.py seal) that nobody
    here has seen. The auditor waits for the leaf, then has them given.
    """
    prepare()
    from haochaping.kernel import clock
    from haochaping.proofs import actions

    no = actions.announce_canaries(auditor=auditor, sha256=digest, by=0, at=clock.now())
    click.echo(f"已入账，第 {no} 号 / in the ledger")


@ledger.command("reveal-canaries")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def reveal_canaries(*, file: Path) -> None:
    """Open the list FILE that an auditor has sealed before: say in a leaf for everybody how many of
    its ratings are here as they were given.
    """
    prepare()
    from haochaping.kernel import clock
    from haochaping.proofs import actions

    found = actions.reveal_canaries(data=file.read_bytes(), by=0, at=clock.now())
    planned, missing, altered = (
        sum(some.values()) for some in (found.planned, found.missing, found.altered)
    )
    click.echo(
        f"{planned} 条，缺 {missing} 条，被改 {altered} 条；已入账 / "
        f"{planned} ratings, {missing} missing, {altered} altered; said in the ledger"
    )


@ledger.command("rotate-key")
@click.argument("name")
def rotate_key(*, name: str) -> None:
    """Give the log NAME new keys; the old ones sign beside them for ninety days."""
    prepare()
    from django.db import transaction

    from haochaping.kernel import clock
    from haochaping.ledger import actions as logs
    from haochaping.proofs import actions

    log_id, at = _log(name).pk, clock.now()
    with transaction.atomic():
        fresh = logs.rotate(log_id=log_id, by=0, at=at)
        actions.state_keys(log_id=log_id, keys=fresh, at=at)
    click.echo("\n".join(fresh))


@main.command()
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--from", "source", help="A mirror: folder or address. Default: what lies here.")
def recount(*, day: datetime, source: str | None) -> None:
    """Count the closed DAY again from its public files alone, with the program that anybody has."""
    prepare()
    from haochaping.ledger import queries
    from haochaping.proofs import queries as proofs
    from haochaping.proofs import rules

    closed = [one for one in queries.logs() if proofs.day_of(one.pk, str(day.date()))]
    if not closed:
        raise rules.NO_SUCH_DAY
    log = closed[-1]
    place = source or str(queries.folder(log.name))
    # a day that was proved before a change of keys has the older
    _verify(["day", str(day.date()), "--from", place], list(queries.vkeys(log)))


def _verify(words: list[str], vkeys: list[str]) -> None:
    """Run the program that anybody has, with every key of a log, and leave as it does."""
    from django.conf import settings

    from haochaping.kernel.pages import asset_path
    from haochaping.ledger.rules import ED25519, parse_vkey

    program = Path(settings.STATIC_ROOT) / asset_path("hcp_verify.py")
    keys = [part for key in vkeys if parse_vkey(key)[1] == ED25519 for part in ("--key", key)]
    command = [sys.executable, str(program), *words, *keys]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    click.echo(done.stdout + done.stderr, nl=False)
    sys.exit(done.returncode)


@ledger.command("mirror")
@click.argument("name")
@click.argument("folder", type=click.Path(file_okay=False))
@click.option("--from", "source", help="An address or folder. Default: what lies here.")
def mirror_(*, name: str, folder: str, source: str | None) -> None:
    """Copy the log NAME into FOLDER, and only what continues the copy that is there: for a disk of
    somebody else. Machines without the platform run `hcp_verify.py mirror` for the same.
    """
    prepare()
    from haochaping.ledger import queries

    log = _log(name)
    _verify(["mirror", source or str(queries.folder(name)), folder], list(queries.vkeys(log)))


@main.command()
@click.argument("receipt")
@click.option(
    "--reason",
    required=True,
    callback=_public,
    help="Whose request it is, and when; without their name.",
)
def forget(*, receipt: str, reason: str) -> None:
    """Erase what is personal in the rating with this RECEIPT number, and what opens its leaf in the
    ledger (PIPL 47). The leaf stays and says nothing any more; what was counted stays counted.
    """
    prepare(as_owner=True)
    from haochaping.kernel import clock
    from haochaping.kernel.ids import key_of_receipt
    from haochaping.privacy import actions

    key, at = key_of_receipt(receipt), clock.now()
    if key is None:
        raise Refusal(Words("回执号不正确。", "That is no receipt number."), code="receipt")
    done = actions.erase(evaluation_id=key, reason=reason, by=0, at=at)
    click.echo(
        f"已删除个人信息，{done} 个账本叶子不再能打开；备份中的最迟 35 天后失效 / "
        "erased; backups of what opened the leaves end within 35 days"
    )
