"""Migrating, seeding and examining a site."""

import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from psycopg.conninfo import conninfo_to_dict

from haochaping.calendar import actions as working_days
from haochaping.calendar import queries as calendars
from haochaping.devices import actions as devices
from haochaping.devices.rules import DeviceKind
from haochaping.directory import queries as directory_queries
from haochaping.evaluations import queries as ratings
from haochaping.identity import actions as identity
from haochaping.identity import queries as identity_queries
from haochaping.identity.rules import DEMO_PASSWORD, ROLES, SYSTEM
from haochaping.indicators import actions as indicators
from haochaping.indicators import queries as indicator_queries
from haochaping.kernel import clock, partitions
from haochaping.kernel.db import rows, talk
from haochaping.kernel.errors import Refusal
from haochaping.kernel.moments import business_day
from haochaping.kernel.words import Words
from haochaping.policies import actions as policies
from haochaping.records import queries as services
from haochaping.regions import actions as regions
from haochaping.regions import queries as region_queries

_UNSAFE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_FINE, _WARNING, _BAD = 0, 1, 2
BIG = {**services.PARTITIONED, **ratings.PARTITIONED}  # table -> its partition column
BACKWARDS = timedelta(days=200)  # months that stand ready for late records


@dataclass(frozen=True)
class Check:
    """One finding of the doctor: 0 fine, 1 look at it, 2 mend it before you go on."""

    severity: int
    says: Words


def migrate() -> None:
    """Apply migrations as the owner of the tables, then set what the application's role may do."""
    call_command("migrate", verbosity=0, interactive=False)
    user = (
        str(conninfo_to_dict(settings.DATABASE_URL).get("user", ""))
        if settings.DATABASE_URL
        else "hcp_app"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = 'hcp_office'")
        found = cursor.fetchone()
        if found is None or not found[0]:
            cursor.execute("CREATE ROLE hcp_office NOLOGIN")
        if not _is_member(user):
            cursor.execute(f'GRANT hcp_office TO "{user}"')
    grant(user)


def grant(user: str) -> None:
    """Set what the application's role may do, row-level security included."""
    access = (Path(__file__).parent / "access.sql").read_text().replace("{app}", user)
    for left in (2, 1, 0):
        try:
            with connection.cursor() as cursor:
                cursor.execute(access)
        except OperationalError:  # a deadlock with a vacuum, which is over by now
            if not left:
                raise
        else:
            return


def _is_member(user: str) -> bool:
    return bool(rows("SELECT pg_has_role($1, 'hcp_office', 'member') AS yes", user)[0]["yes"])


def seed() -> None:
    """Load regions, indicators, working days, the default policy and the partitions around
    today.
    """
    at = clock.now()
    regions.seed()
    indicators.seed()
    working_days.seed(by=0, at=at)
    policies.adopt_default(by=0, at=at)
    partitions.create((at - BACKWARDS).date(), (at + timedelta(days=62)).date())


def appoint(
    *, account: str, role: str, region: int, name: str, department: str, window: str, password: str
) -> None:
    """Make or change an account for `hcp appoint`; raises refusals that say what to mend."""
    if role not in ROLES:
        raise Refusal(
            Words(
                f"角色应为：{'、'.join(ROLES)}。", f"The role must be one of: {', '.join(ROLES)}."
            )
        )
    if region_queries.tree().resolve(region) is None:
        raise Refusal(Words("行政区划代码不存在。", "The region code is unknown."))
    _check_password(password)
    ids = talk(directory_queries.department_ids([department])) if department else {}
    at_window = directory_queries.window_of_code(window) if window else None
    if (department and department not in ids) or (window and at_window is None):
        raise Refusal(
            Words(
                "部门或窗口不存在，请先导入。",
                "The department or window is unknown; import it first.",
            )
        )
    identity.appoint(
        username=account,
        name=name or account,
        password=password,
        role=role,
        region=region,
        department_id=ids.get(department),
        window_id=at_window.pk if at_window else None,
        by=SYSTEM,
        at=clock.now(),
    )


def _check_password(password: str) -> None:
    try:
        password_validation.validate_password(password)
    except ValidationError as error:
        why = " ".join(error.messages)
        raise Refusal(Words(f"密码不合要求：{why}", f"The password will not do: {why}")) from None


def pair_device(*, window_code: str, kind: str) -> str:
    """Return a pairing code for a window, for `hcp pair-device`."""
    window = directory_queries.window_of_code(window_code)
    if window is None:
        raise Refusal(
            Words("没有这个窗口，请先导入。", "There is no such window; import it first.")
        )
    return devices.offer_pairing(
        window_id=window.pk,
        region=window.hall.region,
        kind=DeviceKind(kind),
        by=SYSTEM,
        at=clock.now(),
    )


def examine() -> Iterator[Check]:
    """Yield everything worth knowing about the state of a site."""
    yield from _database_is_safe()
    pending = MigrationExecutor(connection).migration_plan(
        MigrationExecutor(connection).loader.graph.leaf_nodes()
    )
    yield _check(
        not pending,
        "数据库结构为最新",
        "schema is up to date",
        "数据库结构过旧，请执行 hcp migrate 和 hcp seed",
        "schema is behind; run hcp migrate and hcp seed",
    )
    if pending:
        return  # the rest reads tables that may not be there
    yield _check(
        len(region_queries.tree().cities()) > 0 and len(indicator_queries.catalogue()) > 0,
        "行政区划与评价指标已就绪",
        "regions and indicators are loaded",
        "缺少基础数据，请执行 hcp seed",
        "reference data is missing; run hcp seed",
    )
    yield from _partitions()
    yield from _calendar()
    yield from _surroundings()


def _surroundings() -> Iterator[Check]:
    built = (Path(settings.STATIC_ROOT) / "manifest.json").exists()
    yield _check(
        built,
        "前端资源已构建",
        "assets are built",
        "前端资源未构建，请执行 python tools/assets.py",
        "assets are not built; run python tools/assets.py",
    )
    mode = stat.S_IMODE(settings.SECRET_FILE.stat().st_mode)
    yield _check(
        mode & 0o077 == 0,
        "主密钥仅本用户可读",
        "the secret is readable by its owner only",
        f"主密钥权限过宽，请执行 chmod 400 {settings.SECRET_FILE}",
        f"the secret is readable by others; run chmod 400 {settings.SECRET_FILE}",
    )
    yield from _secret_fits()
    free = shutil.disk_usage(settings.HOME).free // 2**20
    yield Check(
        _FINE if free > 2048 else _WARNING,  # noqa: PLR2004 - 2 GB
        Words(f"磁盘剩余 {free} MB", f"{free} MB of disk are free"),
    )
    yield from _accounts()
    yield from proxies()


def proxies() -> Iterator[Check]:
    """Say where whoever asks could say who he is, and where everybody would be one address."""
    trusted = settings.TRUSTED_PROXIES
    wide = [str(one) for one in trusted if one.is_global and one.num_addresses > _A_FEW]
    wide += [str(one) for one in trusted if not one.prefixlen]
    if wide:
        yield Check(
            _BAD,
            Words(
                f"HCP_TRUSTED_PROXIES 过宽（{'、'.join(wide)}）：谁都能冒充他人地址，请只写代理",
                f"HCP_TRUSTED_PROXIES is too wide ({', '.join(wide)}): anybody could say to be of "
                "another address; name your proxies alone",
            ),
        )
    elif settings.HTTPS and not trusted:
        yield Check(
            _WARNING,
            Words(
                "已启用 HTTPS 而未设 HCP_TRUSTED_PROXIES：代理后面的人都被当作同一个地址",
                "HTTPS is on and HCP_TRUSTED_PROXIES is empty: behind a proxy everybody is one "
                "address",
            ),
        )


_A_FEW = 256  # addresses that proxies on the internet may have


def _secret_fits() -> Iterator[Check]:
    """Say whether the secret file is that with which the data was sealed."""
    total, unreadable = identity_queries.unreadable_keys()
    fits = services.readable() and (total == 0 or len(unreadable) < total)
    yield _check(
        fits,
        "主密钥与数据相符",
        "the secret fits the data",
        f"主密钥 {settings.SECRET_FILE} 与数据库不符：请恢复与数据同时备份的密钥文件后再启动",
        f"the secret {settings.SECRET_FILE} does not fit the data: restore the one that was backed "
        "up with it",
    )
    if fits and unreadable:
        yield Check(
            _WARNING,
            Words(
                f"无法读取的接口密钥：{'、'.join(unreadable)}，请重新签发",
                f"keys that cannot be read: {', '.join(unreadable)}; issue them anew",
            ),
        )


def _accounts() -> Iterator[Check]:
    """Say when accounts of a demonstration are on a site that is none."""
    if settings.DEMO:
        return
    if found := identity_queries.with_password(DEMO_PASSWORD):
        names = "、".join(found)
        yield Check(
            _WARNING,
            Words(
                f"演示账号仍在：{names}；其公开密码已停用，请用 hcp appoint 改密或停用账号",
                f"accounts of a demonstration are still here: {', '.join(found)}; their public "
                "password opens nothing; give them another with hcp appoint",
            ),
        )


def _check(good: bool, zh: str, en: str, bad_zh: str, bad_en: str) -> Check:
    return Check(_FINE, Words(zh, en)) if good else Check(_BAD, Words(bad_zh, bad_en))


_OWNED = """
SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user LIMIT 1
"""


def _database_is_safe() -> Iterator[Check]:
    version = rows("SHOW server_version")[0]["server_version"]
    yield Check(_FINE, Words(f"PostgreSQL {version} 可用", f"PostgreSQL {version} answers"))
    for name, wanted in _UNSAFE.items():
        value = rows(f"SHOW {name}")[0][name]
        if value != wanted:
            yield Check(
                _BAD,
                Words(
                    f"数据库参数 {name}={value} 会丢失已确认的评价，请改为 {wanted} 后重启数据库",
                    f"{name}={value} can lose acknowledged ratings; set it to {wanted} and restart "
                    "the database",
                ),
            )
    if rows("SHOW data_checksums")[0]["data_checksums"] != "on":
        yield Check(
            _WARNING,
            Words(
                "数据页校验未开启，建议用 pg_checksums 开启",
                "data checksums are off; turn them on with pg_checksums",
            ),
        )
    yield from _role_is_ordinary()
    skew = abs((rows("SELECT clock_timestamp() AS now")[0]["now"] - clock.now()).total_seconds())
    if skew > 5:  # noqa: PLR2004 - seconds
        yield Check(
            _WARNING,
            Words(
                f"本机与数据库时钟相差 {skew:.0f} 秒，请校时",
                f"the clocks of this machine and the database differ by {skew:.0f} s",
            ),
        )


def _role_is_ordinary() -> Iterator[Check]:
    """Say when the application is somebody for whom append-only and scope do not hold."""
    if rows(_OWNED) and not settings.AS_OWNER:
        yield Check(
            _BAD,
            Words(
                "应用以数据表所有者身份连接，只追加与地区隔离的约束可被绕过："
                "请用 HCP_OWNER_DATABASE_URL 指定所有者，DATABASE_URL 改用普通角色"
                "（见 docs/operate/）",
                "the application connects as the owner of its tables, which can get round "
                "append-only and scope: give the owner in HCP_OWNER_DATABASE_URL and an ordinary "
                "role in DATABASE_URL (see docs/operate/)",
            ),
        )
    if rows("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")[0]["rolsuper"]:
        yield Check(
            _WARNING,
            Words(
                "应用以超级用户连接，只追加与地区隔离的约束不生效，请改用普通角色",
                "the application connects as superuser: append-only and scope are not enforced; "
                "use an ordinary role",
            ),
        )


def _partitions() -> Iterator[Check]:
    today = clock.now().date()
    coming = date(today.year + today.month // 12, today.month % 12 + 1, 1)
    missing = {f"{today:%Y%m}", f"{coming:%Y%m}"} - partitions.existing_months(BIG)
    yield _check(
        not missing,
        "本月与下月分区已建",
        "partitions of this and the next month exist",
        f"缺少分区 {'、'.join(sorted(missing))}，请执行 hcp seed",
        f"partitions are missing: {', '.join(sorted(missing))}; run hcp seed",
    )


def _calendar() -> Iterator[Check]:
    calendar, today = calendars.current(), business_day(clock.now())
    if not calendar.knows(today):
        yield Check(
            _BAD,
            Words(
                "没有今年的工作日历，请执行 hcp seed",
                "this year's working days are unknown; run hcp seed",
            ),
        )
    elif not calendar.knows(today + timedelta(days=60)):
        yield Check(
            _WARNING,
            Words(
                "明年放假安排尚未收录，跨年时限暂按周一至周五计算",
                "next year's holidays are not known yet; deadlines in it count Monday to Friday",
            ),
        )
    else:
        yield Check(_FINE, Words("工作日历已就绪", "working days are known"))
