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


def _levels(zh: str, en: str) -> tuple[Field, ...]:
    return tuple(_field(f"level{level}", "integer", zh, en) for level in (5, 4, 3, 2, 1))


_SMALL = _levels(
    "该等级的条数：5 非常满意……1 非常不满意；空为不公开的小单元格",
    "ratings of the level, 5 the best; empty where the cell is too small to show",
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
            _field("ratings", "integer", "调整后的主动评价数", "ratings, adjusted"),
            *_SMALL,
            _field("services", "integer", "可评价的服务数", "services that could be rated"),
            _field("services_rated", "integer", "其中已评价的", "of these, rated"),
            _field(
                "set_aside",
                "integer",
                "申诉成立、不计入的条数",
                "set aside after an objection and not counted",
            ),
        ),
    ),
    "daybook": File(
        "ledger/{year}/daybook/{day}.csv",
        "csv",
        Words("日账汇总", "A day book, counted"),
        (
            _field(
                "cell",
                "integer",
                "单元格：12 位行政区划代码，或 10^15 加部门编号，名称见 cells.json",
                "a region's code, or 10^15 and a department's number; cells.json names them",
            ),
            _field("ratings", "integer", "条数", "ratings"),
            *_levels("该等级的条数", "ratings of the level"),
        ),
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
}


def data_package(base: str, releases: Sequence[str], days: Sequence[str]) -> dict[str, Any]:
    """Return the description of the open data of a site as a data package: the tables that there
    are, released months (such as 2026-10/v1) and closed days (such as 2026/2026-11-28) among them.
    """
    paths = {
        "results": [f"open/data/{one}.csv" for one in releases],
        "days": ["open/data.csv"],
        "daybook": [f"ledger/{one.replace('/', '/daybook/')}.csv" for one in days],
    }
    return {
        "profile": "data-package",
        "name": "haochaping",
        "title": "政务服务好差评公开数据 / Rated public services",
        "homepage": f"{base}/open/data",
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
        "resources": [
            {
                "name": f"{name}-{path.split('/', 2)[-1].removesuffix('.csv').replace('/', '-')}",
                "path": f"{base}/{path}",
                "title": f"{FILES[name].title.zh} / {FILES[name].title.en}",
                "format": "csv",
                "profile": "tabular-data-resource",
                "schema": {
                    "fields": [
                        {
                            "name": one.name,
                            "type": one.kind,
                            "description": f"{one.says.zh} / {one.says.en}",
                        }
                        for one in FILES[name].fields
                    ]
                },
            }
            for name, several in paths.items()
            for path in several
        ],
    }
