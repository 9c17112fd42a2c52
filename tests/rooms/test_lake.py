"""The lake: every fact once, whatever is killed, and free questions that reach nothing else."""

import io
import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import people
import pyarrow.parquet as pq
import pytest
from people import NOON, given_rating, given_record, rated, register, signed_in, submit

from haochaping.analytics import actions as analytics
from haochaping.analytics import queries as figures
from haochaping.analytics.rules import Loop
from haochaping.directory import queries as directory
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations.rules import Kind
from haochaping.feed import actions as feed
from haochaping.insight.measures import ALL
from haochaping.insight.rules.measure import Facts, Group
from haochaping.kernel import clock
from haochaping.kernel.db import rows
from haochaping.lake import actions, models, queries, rules
from haochaping.regions.rules import scope

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def lake(world: people.Place, settings: object, tmp_path: Path) -> people.Place:
    """The world with a lake of its own."""
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    return world


def follow() -> None:
    """Number and write what is new."""
    while feed.sequence(limit=1, at=NOON) or actions.pull(at=NOON):
        pass


def history() -> None:
    """Ratings of every fate."""
    service = given_record()
    register(service, given_record())
    submit(given_rating(service, 2))
    submit(given_rating(service, 5, kind=Kind.FOLLOW_UP))
    first, second = rated(1), rated(5)
    evaluations.set_aside(evaluation_ids=[first], at=NOON)
    assert second


def test_sums_over_the_lake_are_the_figures(lake: people.Place) -> None:
    history()
    follow()
    while analytics.fold():
        pass
    columns, found = queries.ask(
        "SELECT sum(sign) AS n, sum(CASE WHEN level <= 2 THEN sign ELSE 0 END) AS bad, "
        "sum(follow_up) AS more, sum(aside) AS aside, sum(service) AS served, "
        "sum(CASE WHEN gone BETWEEN 1 AND 2 THEN 1 ELSE 0 END) AS gone FROM ratings"
    )
    assert columns == ["n", "bad", "more", "aside", "served", "gone"]
    truth = rows(
        "SELECT sum(n5+n4+n3+n2+n1)::int n, sum(n2+n1)::int bad, sum(follow_ups)::int more, "
        "sum(set_aside)::int aside, sum(services)::int served, sum(x2+x1)::int gone "
        "FROM analytics_placeday"
    )[0]
    assert [int(value) for value in found[0]] == list(truth.values())


def test_a_file_is_the_same_when_it_is_written_again_after_a_kill(lake: people.Place) -> None:
    history()
    follow()
    files = sorted(queries.home().rglob("*.parquet"))
    before = {path: path.read_bytes() for path in files}
    assert len(before) == models.File.objects.count() > 3
    # killed between the rename and the commit: the files stand, the rows do not
    models.File.objects.filter(no__gt=2).delete()
    (queries.home() / "ratings" / "ym=202611" / "batch=000000000099.tmp").write_bytes(b"torn")
    follow()
    assert {path: path.read_bytes() for path in sorted(queries.home().rglob("*.parquet"))} == before
    total = duckdb.sql(
        f"SELECT sum(sign) FROM read_parquet('{queries.home()}/ratings/*/*.parquet')"
    ).fetchall()
    assert total[0][0] == 3


def test_the_files_of_a_day_become_one_and_nothing_is_counted_twice(
    lake: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    history()
    follow()
    question = "SELECT sum(sign), count(*), sum(service) FROM ratings"
    before = queries.ask(question)
    assert actions.compact(at=NOON) == 0  # the day is not over
    # killed after the day's file was noted and before the others went
    monkeypatch.setattr(actions, "_sweep", lambda: None)
    files = models.File.objects.count()
    assert actions.compact(at=NOON + timedelta(days=1)) == files > 3
    assert queries.ask(question) == before
    monkeypatch.undo()
    rated(3)
    follow()
    assert actions.compact(at=NOON + timedelta(hours=1)) == 0
    (whole,) = (one for one in queries.home().rglob("*.parquet") if "-" in one.name)
    single = models.File.objects.filter(first=None).count()
    table = pq.read_table(whole)
    assert table["county"].to_pylist() == sorted(table["county"].to_pylist())
    after = queries.ask(question)
    assert after[1][0][0] == before[1][0][0] + 1
    folder = duckdb.sql(
        f"SELECT count(*) FROM read_parquet('{queries.home()}/ratings/*/*.parquet')"
    )
    assert folder.fetchall()[0][0] == after[1][0][1]
    (told,) = json.loads((queries.home() / "manifest.json").read_text())["files"]
    assert (told["rows"], told["path"]) == (len(table), f"ratings/ym=202611/{whole.name}")
    # and once more on the next day, with what came since
    assert actions.compact(at=NOON + timedelta(days=2)) == single > 1
    assert queries.ask(question) == after


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY ratings TO '/tmp/stolen.csv'",
        "SELECT * FROM read_text('/etc/hostname')",
        "ATTACH '/tmp/other.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SELECT nonsense FROM ratings",
        "DROP VIEW ratings; SELECT * FROM read_blob('/etc/passwd')",
        "COPY (SELECT 1 AS level) TO 'HOME/ratings/ym=202611/batch=000000000001.parquet'",
        "COPY (SELECT 1 AS level) TO 'HOME/ratings/ym=202611/batch=000000000009.parquet'",
        "EXPORT DATABASE 'HOME/ratings'",
        "SELECT 1; COPY (SELECT 1) TO 'HOME/ratings/x.parquet'",
    ],
)
def test_a_question_reaches_nothing_but_the_lake(lake: people.Place, sql: str) -> None:
    rated(5)
    follow()
    before = {file: file.read_bytes() for file in queries.home().rglob("*.parquet")}
    with pytest.raises(rules.BadQuestion):
        queries.ask(sql.replace("HOME", str(queries.home())))
    assert before == {file: file.read_bytes() for file in queries.home().rglob("*.parquet")}


def test_only_whoever_sees_the_province_asks_and_no_column_names_a_person(
    lake: people.Place,
) -> None:
    rated(2)
    follow()
    province = signed_in(lake.users["province"])
    page = province.get("/insight/lake", {"sql": "SELECT count(*) AS n FROM ratings"})
    assert 'data-table="answer"' in page.content.decode()
    bad = province.get("/insight/lake", {"sql": "SELECT 1 FROM nowhere"})
    assert bad.status_code == 422
    assert "查询未能执行" in bad.content.decode()
    for who in ("city", "handler", "agent"):
        assert signed_in(lake.users[who]).get("/insight/lake").status_code == 403
    assert not {"words", "phone", "rater_index", "person"} & set(rules.COLUMNS)


def test_a_city_takes_its_own_part_of_the_lake_of_days_that_are_over(lake: people.Place) -> None:
    rated(2)
    rated(5, region="320500000000", department_code=people.OTHER)
    now = clock.now()
    today = given_record(served_at=(now - timedelta(minutes=5)).isoformat())
    register(today)
    submit(given_rating(today, 4))
    follow()
    city, foreign, handler = (signed_in(lake.users[who]) for who in ("city", "foreign", "handler"))
    answer = city.get("/insight/lake/320700/202611.parquet")
    table = pq.read_table(io.BytesIO(answer.content))
    assert set(table["city"].to_pylist()) == {320700}
    assert sorted(level for level in table["level"].to_pylist() if level) == [2]
    assert table.schema.names == list(rules.COLUMNS)
    page = city.get("/admin/selfcheck").content.decode()
    assert f"/insight/lake/320700/{now:%Y%m}.parquet" in page
    assert foreign.get("/insight/lake/320700/202611.parquet").status_code == 404
    assert handler.get("/insight/lake/320700/202611.parquet").status_code == 403
    for month in (202613, 999912):
        assert city.get(f"/insight/lake/320700/{month}.parquet").status_code == 404
    empty = pq.read_table(io.BytesIO(city.get("/insight/lake/320700/202001.parquet").content))
    assert empty.num_rows == 0


def test_a_department_takes_its_own_part_without_the_hour_and_the_member_of_staff(
    lake: people.Place,
) -> None:
    rated(2)
    rated(5, region="320500000000", department_code=people.OTHER)
    follow()
    ids = {name: key for key, (name, _) in directory.departments_seen().items()}
    own, other = ids["连云港市行政审批局"], ids["苏州市公安局"]
    handler, city, foreign = (signed_in(lake.users[who]) for who in ("handler", "city", "foreign"))
    address = f"/insight/lake/departments/{own}/202611.parquet"
    table = pq.read_table(io.BytesIO(handler.get(address).content))
    assert [level for level in table["level"].to_pylist() if level] == [2]
    assert set(rules.COLUMNS) - set(table.schema.names) == {"hour", "staff_id"}
    assert f"/lake/departments/{own}/" in handler.get("/admin/selfcheck").content.decode()
    assert city.get(address).content == handler.get(address).content
    assert foreign.get(address).status_code == 404
    assert handler.get(address.replace(f"/{own}/", f"/{other}/")).status_code == 404
    assert handler.get(address.replace(f"/{own}/", f"/{10**30}/")).status_code == 404


def measures_of(columns: list[str], found: list[tuple[object, ...]]) -> dict[object, list[object]]:
    """Return every measure of ratings by place, from the sums of one engine."""
    ratings = [one for one in ALL.values() if one.group is Group.RATING]
    assert len(ratings) > 5
    told = {}
    for values in found:
        row = dict(zip(columns, values, strict=True))
        facts = Facts(figures.counts({**row, "channel": 0}), Loop(), {}, 1.05)
        told[row["city"]] = [(one.key, one.of(facts).value) for one in ratings]
    return told


def test_measures_over_the_lake_are_those_of_the_pages(lake: people.Place) -> None:
    history()
    rated(4)
    follow()
    while analytics.fold():
        pass
    cut = figures.Cut(scope(320000000000), date(2026, 1, 1), date(2026, 12, 31))
    rows_ = figures.totals(cut, ("city",), now=figures.fresh())
    columns = ["city", *rules.SUMS]
    ours = measures_of(columns, [tuple(row[name] for name in columns) for row in rows_])
    assert measures_of(*queries.ask(rules.sums_by("city"))) == ours
    assert ours


@pytest.mark.nightly
def test_a_spark_cluster_gives_the_same_measures(lake: people.Place) -> None:
    """Spark's standalone cluster in processes of this machine, over the same files."""
    if shutil.which("java") is None:
        pytest.skip("no Java here: install openjdk-17-jre-headless to compare with Spark")
    spark = pytest.importorskip(
        "pyspark.sql", reason="`make nightly` installs PySpark"
    ).SparkSession
    history()
    for _ in range(3):
        rated(5)
        rated(1)
    follow()
    cluster = (
        spark.builder.master("local-cluster[2,1,1024]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    try:
        cluster.read.parquet(str(queries.home() / "ratings")).createOrReplaceTempView("ratings")
        told = cluster.sql(rules.sums_by("city"))
        theirs = measures_of(told.columns, [tuple(row) for row in told.collect()])
    finally:
        cluster.stop()
    assert theirs == measures_of(*queries.ask(rules.sums_by("city")))
    assert theirs
