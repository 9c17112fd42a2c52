"""What the columns of the open data mean, for people and (as a Frictionless data package,
https://specs.frictionlessdata.io/data-package/) for programs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from haochaping.kernel.words import Words


@dataclass(frozen=True)
class Field:
    """A column: its name, its type in a Table Schema, and what it means."""

    name: str
    kind: str
    says: Words


@dataclass(frozen=True)
class File:
    """A kind of file: where it lies, its form, its title and its columns."""

    path: str  # below the public address; {…} stands for what differs
    form: str
    title: Words
    fields: tuple[Field, ...]


def _field(name: str, kind: str, zh: str, en: str) -> Field:
    return Field(name, kind, Words(zh, en))


def _levels(zh: str, en: str, name: str = "level") -> tuple[Field, ...]:
    return tuple(_field(f"{name}{level}", "integer", zh, en) for level in (5, 4, 3, 2, 1))


_SMALL = _levels(
    "该等级的条数：5 非常满意……1 非常不满意；单位评价过少、或可据以推算过少单位的为空",
    "ratings of the level, 5 the best; empty where the unit has too few, or gives others away",
)
_OF_CELLS = (
    _field(
        "cell",
        "integer",
        "单元格：12 位行政区划代码，或 10^15 加部门编号，名称见 cells.json",
        "a region's code, or 10^15 and a department's number; cells.json names them",
    ),
    _field("ratings", "integer", "首评条数", "first ratings"),
    *_levels("该等级的首评条数", "first ratings of the level"),
    _field("follow_ups", "integer", "追评条数", "follow-ups"),
    *_levels("该等级的追评条数", "follow-ups of the level", "follow_up"),
)
FILES: Mapping[str, File] = {
    "results": File(
        "open/data/{period}/v{version}.csv",
        "csv",
        Words("月度结果（另有 json、parquet）", "Results of a month (json and parquet as well)"),
        (
            _field(
                "kind",
                "string",
                "类别：province 省、cities 市、counties 县、departments 部门、items 事项",
                "what it is",
            ),
            _field(
                "key",
                "integer",
                "编号；地区为 12 位行政区划代码",
                "its number; of a place its code of 12 digits",
            ),
            _field("name", "string", "名称", "its name"),
            _field("above", "integer", "所属地区代码", "the place it lies in"),
            _field(
                "ratings",
                "integer",
                "调整后的主动评价数",
                "ratings that people chose to give, adjusted",
            ),
            *_SMALL,
            _field(
                "services",
                "integer",
                "可评价的服务数（按服务日期）",
                "services, by the day of the service",
            ),
            _field("services_rated", "integer", "其中已评价的", "of these, rated"),
            _field(
                "score",
                "number",
                "向同类收缩后的得分 0–100，少于 30 条为空",
                "score shrunken towards its peers, 0 to 100; empty below 30 ratings",
            ),
            _field("low", "number", "95% 区间下限", "lower end of its 95 % interval"),
            _field("high", "number", "95% 区间上限", "upper end of its 95 % interval"),
            _field(
                "band",
                "string",
                "与同类相比：high、highish、same、lowish、low、few",
                "beside its peers",
            ),
            _field(
                "code",
                "string",
                "编码：部门为统一社会信用代码，事项为实施编码",
                "credit code of a department, implementation code of an item",
            ),
            _field("department", "integer", "事项所属部门的编号", "of an item, its department"),
            _field(
                "kept",
                "integer",
                "沿用的版本号：与该版相差不足 10 条，只公布该版数字",
                "version whose figures these are, for the difference would tell of fewer than ten",
            ),
        ),
    ),
    "days": File(
        "open/data.csv",
        "csv",
        Words("近三十天各市五级评价数", "Thirty days by city"),
        (
            _field("since", "date", "第一天", "first day"),
            _field("until", "date", "最后一天", "last day"),
            _field("place", "string", "地区", "place"),
            _field("ratings", "integer", "主动评价数（原始）", "ratings as they were given"),
            *_SMALL,
            _field("services", "integer", "可评价的服务数", "services that could be rated"),
            _field("services_rated", "integer", "其中已评价的", "of these, rated"),
            _field(
                "set_aside",
                "integer",
                "其中申诉成立的条数（月度结果不计入）；1 至 9 条为空",
                "of these, set aside after an objection (months leave them out); empty for 1 to 9",
            ),
        ),
    ),
    "daybook": File(
        "ledger/{year}/daybook/{day}.csv",
        "csv",
        Words("日账汇总", "A day book, counted"),
        _OF_CELLS,
    ),
    "monthbook": File(
        "ledger/{year}/daybook/{month}.csv",
        "csv",
        Words(
            "月账汇总：日账并入上级的评价，按月再列", "A month book, counted: what days rolled up"
        ),
        _OF_CELLS,
    ),
    "rows": File(
        "ledger/{year}/daybook/{day}.rows",
        "42 bytes a row",
        Words("日账：每条评价一行", "A day book: a row a rating"),
        (
            _field("tag", "32 bytes", "不可关联的标签，按它排序", "unlinkable tag, the order"),
            _field("cell", "8 bytes", "单元格（大端整数）", "cell, a big-endian number"),
            _field("level", "1 byte", "等级 5–1", "level, 5 to 1"),
            _field("flags", "1 byte", "1 为追评", "1: a follow-up"),
        ),
    ),
    "month_rows": File(
        "ledger/{year}/daybook/{month}.rows",
        "50 bytes a row",
        Words("月账：每条评价一行", "A month book: a row a rating"),
        (
            _field("tag", "32 bytes", "与日账不同的标签，按它排序", "another tag, the order"),
            _field("cell", "8 bytes", "单元格（大端整数）", "cell, a big-endian number"),
            _field(
                "origin", "8 bytes", "日账所列的单元格，0 为未列", "the cell its day told, or 0"
            ),
            _field("level", "1 byte", "等级 5–1", "level, 5 to 1"),
            _field("flags", "1 byte", "1 为追评", "1: a follow-up"),
        ),
    ),
}


@dataclass(frozen=True)
class Released:
    """A file of a released month: its place, such as `2026-10/v1.csv`, its length and SHA-256."""

    place: str
    size: int
    sha256: str


def data_package(
    base: str, releases: Sequence[Released], days: Sequence[str], months: Sequence[str]
) -> dict[str, Any]:
    """Return the description of the open data of a site as a data package: the tables that there
    are, the files of released months, of closed days (such as 2026/2026-11-28) and of the ledger's
    closed months (2026/2026-11) among them.
    """
    books = {"daybook": days, "monthbook": months}
    tables = {"days": ["open/data.csv"]} | {
        name: [f"ledger/{one.replace('/', '/daybook/')}.csv" for one in some]
        for name, some in books.items()
    }
    resources = [
        _resource(base, "results", f"open/data/{one.place}")
        | {"bytes": one.size, "hash": f"sha256:{one.sha256}"}
        for one in releases
    ]
    resources += [_resource(base, name, path) for name, paths in tables.items() for path in paths]
    return {
        "profile": "data-package",
        "name": "haochaping",
        "title": "政务服务好差评公开数据 / Rated public services",
        "homepage": f"{base}/open/data",
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
        "resources": resources,
    }


def _resource(base: str, name: str, path: str) -> dict[str, Any]:
    """Return the description of a file; only tables have columns."""
    plain, _, form = path.rpartition(".")
    place, file = plain.split("/", 2)[-1].replace("/", "-"), FILES[name]
    told: dict[str, Any] = {
        "name": f"{name}-{place}" if form == "csv" else f"{name}-{place}-{form}",
        "path": f"{base}/{path}",
        "title": f"{file.title.zh} / {file.title.en}",
        "format": form,
    }
    if form == "json":
        return {**told, "description": f"{RESULTS_JSON.zh} / {RESULTS_JSON.en}"}
    fields = [
        {"name": one.name, "type": one.kind, "description": f"{one.says.zh} / {one.says.en}"}
        for one in file.fields
    ]
    profile = {"profile": "tabular-data-resource"} if form == "csv" else {}
    return {**told, **profile, "schema": {"fields": fields}}


RESULTS_JSON = Words(
    "发布原文（规范 JSON，存证的 SHA-256 由它算出）：whole 为全省，cities、counties、"
    "departments、items 为各单位；n 为调整后评价数，levels 依次为 5 至 1 级的条数，"
    "rated 为已评价的服务数，of 为事项所属部门，inside 为部门的评价中属于所在县区、城市和全省的条数"
    "（事项为属于其部门的条数），kept 为沿用的版本号；funnel 依次为差评工单的开立、派发、核实、"
    "属实、答复、回访、满意和办结数；since、until 为起止日，rules 为编制规则的版本。",
    "What was released, as canonical JSON, of which the ledger holds the SHA-256: `whole` is the "
    "province, then the units by kind; `n` are ratings, adjusted, `levels` those of 5 to 1, "
    "`rated` the services rated, `of` an item's department, `inside` how many of a department's "
    "ratings were given in its county, its city and the province (of an item, in its department), "
    "`kept` the version whose figures these are; `funnel` counts orders opened, dispatched, "
    "verified, upheld, replied, called back, satisfied and closed; `since` and `until` are the "
    "first and last day, `rules` the version of the rules.",
)
