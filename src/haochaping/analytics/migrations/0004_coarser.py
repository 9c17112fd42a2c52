"""Coarser tables for whole provinces, cities and units, filled from the finer ones."""

from django.db import migrations, models

_LEVELS = ("n5", "n4", "n3", "n2", "n1")
_SUMS = (*_LEVELS, "x5", "x4", "x3", "x2", "x1", "follow_ups", "improved", "worsened",
         "set_aside", "services", "rated")  # fmt: skip
_LOOP = (
    "opened", "dispatched", "verified", "upheld", "rectified", "replied", "called", "reached",
    "satisfied", "closed", "reopened", "returned", "extended", "objected", "objections_upheld",
    "due", "due_verified", "due_replied", "due_replied_in_time", "due_upheld", "due_rectified",
    "due_rectified_in_time", "call_due", "call_due_called", "call_due_reached",
    "call_due_satisfied",
)  # fmt: skip
_MONTH = "date_trunc('month', day)::date"


def _filled(
    to: str, of: str, keys: tuple[str, ...], sums: tuple[str, ...], day: str = "day"
) -> migrations.RunSQL:
    """Return the statement that fills a table from a finer one."""
    place = "county" if "county" in keys else "city"
    weekday = "extract(isodow FROM day)::smallint"
    given = [weekday if key == "weekday" else key for key in keys]
    city = [] if place == "city" else ["city"]
    columns = ", ".join(("day", *keys, *city, "region", *sums))
    head = ", ".join([day, *given, *city, f"{place} * 1000000::bigint"])
    summed = ", ".join(f"sum({name})" for name in sums)
    group = ", ".join([day, *given, *city])
    return migrations.RunSQL(
        f"INSERT INTO analytics_{to} ({columns}) "  # noqa: S608 - names of ours
        f"SELECT {head}, {summed} FROM analytics_{of} GROUP BY {group}",
        migrations.RunSQL.noop,
    )


class Migration(migrations.Migration):
    """Pages cost no more with a hundred times as many ratings."""

    dependencies = [("analytics", "0003_grains")]

    operations = [
        migrations.CreateModel(
            name="CityDay",
            fields=[
                ("day", models.DateField()),
                ("city", models.IntegerField()),
                ("region", models.BigIntegerField()),
                ("n5", models.IntegerField(default=0)),
                ("n4", models.IntegerField(default=0)),
                ("n3", models.IntegerField(default=0)),
                ("n2", models.IntegerField(default=0)),
                ("n1", models.IntegerField(default=0)),
                ("x5", models.IntegerField(default=0)),
                ("x4", models.IntegerField(default=0)),
                ("x3", models.IntegerField(default=0)),
                ("x2", models.IntegerField(default=0)),
                ("x1", models.IntegerField(default=0)),
                ("follow_ups", models.IntegerField(default=0)),
                ("improved", models.IntegerField(default=0)),
                ("worsened", models.IntegerField(default=0)),
                ("set_aside", models.IntegerField(default=0)),
                ("services", models.IntegerField(default=0)),
                ("rated", models.IntegerField(default=0)),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day",
                        "city",
                        "channel",
                        "party",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("channel", models.SmallIntegerField()),
                ("party", models.SmallIntegerField()),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="CityMonth",
            fields=[
                ("day", models.DateField()),
                ("city", models.IntegerField()),
                ("region", models.BigIntegerField()),
                ("n5", models.IntegerField(default=0)),
                ("n4", models.IntegerField(default=0)),
                ("n3", models.IntegerField(default=0)),
                ("n2", models.IntegerField(default=0)),
                ("n1", models.IntegerField(default=0)),
                ("x5", models.IntegerField(default=0)),
                ("x4", models.IntegerField(default=0)),
                ("x3", models.IntegerField(default=0)),
                ("x2", models.IntegerField(default=0)),
                ("x1", models.IntegerField(default=0)),
                ("follow_ups", models.IntegerField(default=0)),
                ("improved", models.IntegerField(default=0)),
                ("worsened", models.IntegerField(default=0)),
                ("set_aside", models.IntegerField(default=0)),
                ("services", models.IntegerField(default=0)),
                ("rated", models.IntegerField(default=0)),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day",
                        "city",
                        "channel",
                        "party",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("channel", models.SmallIntegerField()),
                ("party", models.SmallIntegerField()),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="CodeCity",
            fields=[
                ("day", models.DateField()),
                ("city", models.IntegerField()),
                ("region", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day",
                        "city",
                        "code",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("code", models.SmallIntegerField()),
                ("n", models.IntegerField(default=0)),
                ("x", models.IntegerField(default=0)),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="DepartmentWhole",
            fields=[
                ("day", models.DateField()),
                ("city", models.IntegerField()),
                ("region", models.BigIntegerField()),
                ("n5", models.IntegerField(default=0)),
                ("n4", models.IntegerField(default=0)),
                ("n3", models.IntegerField(default=0)),
                ("n2", models.IntegerField(default=0)),
                ("n1", models.IntegerField(default=0)),
                ("x5", models.IntegerField(default=0)),
                ("x4", models.IntegerField(default=0)),
                ("x3", models.IntegerField(default=0)),
                ("x2", models.IntegerField(default=0)),
                ("x1", models.IntegerField(default=0)),
                ("follow_ups", models.IntegerField(default=0)),
                ("improved", models.IntegerField(default=0)),
                ("worsened", models.IntegerField(default=0)),
                ("set_aside", models.IntegerField(default=0)),
                ("services", models.IntegerField(default=0)),
                ("rated", models.IntegerField(default=0)),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day",
                        "department_id",
                        "county",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("department_id", models.IntegerField()),
                ("county", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="HourCity",
            fields=[
                ("day", models.DateField()),
                ("city", models.IntegerField()),
                ("region", models.BigIntegerField()),
                ("n5", models.IntegerField(default=0)),
                ("n4", models.IntegerField(default=0)),
                ("n3", models.IntegerField(default=0)),
                ("n2", models.IntegerField(default=0)),
                ("n1", models.IntegerField(default=0)),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day",
                        "city",
                        "weekday",
                        "hour",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("weekday", models.SmallIntegerField()),
                ("hour", models.SmallIntegerField()),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="ItemWhole",
            fields=[
                ("day", models.DateField()),
                ("city", models.IntegerField()),
                ("region", models.BigIntegerField()),
                ("n5", models.IntegerField(default=0)),
                ("n4", models.IntegerField(default=0)),
                ("n3", models.IntegerField(default=0)),
                ("n2", models.IntegerField(default=0)),
                ("n1", models.IntegerField(default=0)),
                ("x5", models.IntegerField(default=0)),
                ("x4", models.IntegerField(default=0)),
                ("x3", models.IntegerField(default=0)),
                ("x2", models.IntegerField(default=0)),
                ("x1", models.IntegerField(default=0)),
                ("follow_ups", models.IntegerField(default=0)),
                ("improved", models.IntegerField(default=0)),
                ("worsened", models.IntegerField(default=0)),
                ("set_aside", models.IntegerField(default=0)),
                ("services", models.IntegerField(default=0)),
                ("rated", models.IntegerField(default=0)),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day",
                        "item_id",
                        "county",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("item_id", models.IntegerField()),
                ("county", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="LengthCity",
            fields=[
                ("day", models.DateField()),
                ("city", models.IntegerField()),
                ("region", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day",
                        "city",
                        "stretch",
                        "bucket",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("stretch", models.SmallIntegerField()),
                ("bucket", models.SmallIntegerField()),
                ("n", models.IntegerField(default=0)),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="LoopCity",
            fields=[
                ("day", models.DateField()),
                ("city", models.IntegerField()),
                ("region", models.BigIntegerField()),
                ("opened", models.IntegerField(default=0)),
                ("dispatched", models.IntegerField(default=0)),
                ("verified", models.IntegerField(default=0)),
                ("upheld", models.IntegerField(default=0)),
                ("rectified", models.IntegerField(default=0)),
                ("replied", models.IntegerField(default=0)),
                ("called", models.IntegerField(default=0)),
                ("reached", models.IntegerField(default=0)),
                ("satisfied", models.IntegerField(default=0)),
                ("closed", models.IntegerField(default=0)),
                ("reopened", models.IntegerField(default=0)),
                ("returned", models.IntegerField(default=0)),
                ("extended", models.IntegerField(default=0)),
                ("objected", models.IntegerField(default=0)),
                ("objections_upheld", models.IntegerField(default=0)),
                ("due", models.IntegerField(default=0)),
                ("due_verified", models.IntegerField(default=0)),
                ("due_replied", models.IntegerField(default=0)),
                ("due_replied_in_time", models.IntegerField(default=0)),
                ("due_upheld", models.IntegerField(default=0)),
                ("due_rectified", models.IntegerField(default=0)),
                ("due_rectified_in_time", models.IntegerField(default=0)),
                ("call_due", models.IntegerField(default=0)),
                ("call_due_called", models.IntegerField(default=0)),
                ("call_due_reached", models.IntegerField(default=0)),
                ("call_due_satisfied", models.IntegerField(default=0)),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day", "city", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="LoopMonth",
            fields=[
                ("day", models.DateField()),
                ("city", models.IntegerField()),
                ("region", models.BigIntegerField()),
                ("opened", models.IntegerField(default=0)),
                ("dispatched", models.IntegerField(default=0)),
                ("verified", models.IntegerField(default=0)),
                ("upheld", models.IntegerField(default=0)),
                ("rectified", models.IntegerField(default=0)),
                ("replied", models.IntegerField(default=0)),
                ("called", models.IntegerField(default=0)),
                ("reached", models.IntegerField(default=0)),
                ("satisfied", models.IntegerField(default=0)),
                ("closed", models.IntegerField(default=0)),
                ("reopened", models.IntegerField(default=0)),
                ("returned", models.IntegerField(default=0)),
                ("extended", models.IntegerField(default=0)),
                ("objected", models.IntegerField(default=0)),
                ("objections_upheld", models.IntegerField(default=0)),
                ("due", models.IntegerField(default=0)),
                ("due_verified", models.IntegerField(default=0)),
                ("due_replied", models.IntegerField(default=0)),
                ("due_replied_in_time", models.IntegerField(default=0)),
                ("due_upheld", models.IntegerField(default=0)),
                ("due_rectified", models.IntegerField(default=0)),
                ("due_rectified_in_time", models.IntegerField(default=0)),
                ("call_due", models.IntegerField(default=0)),
                ("call_due_called", models.IntegerField(default=0)),
                ("call_due_reached", models.IntegerField(default=0)),
                ("call_due_satisfied", models.IntegerField(default=0)),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day",
                        "department_id",
                        "county",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("department_id", models.IntegerField()),
                ("county", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="WindowWhole",
            fields=[
                ("day", models.DateField()),
                ("city", models.IntegerField()),
                ("region", models.BigIntegerField()),
                ("n5", models.IntegerField(default=0)),
                ("n4", models.IntegerField(default=0)),
                ("n3", models.IntegerField(default=0)),
                ("n2", models.IntegerField(default=0)),
                ("n1", models.IntegerField(default=0)),
                ("x5", models.IntegerField(default=0)),
                ("x4", models.IntegerField(default=0)),
                ("x3", models.IntegerField(default=0)),
                ("x2", models.IntegerField(default=0)),
                ("x1", models.IntegerField(default=0)),
                ("follow_ups", models.IntegerField(default=0)),
                ("improved", models.IntegerField(default=0)),
                ("worsened", models.IntegerField(default=0)),
                ("set_aside", models.IntegerField(default=0)),
                ("services", models.IntegerField(default=0)),
                ("rated", models.IntegerField(default=0)),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day",
                        "window_id",
                        "county",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("window_id", models.IntegerField()),
                ("county", models.IntegerField()),
            ],
        ),
        migrations.AddIndex(
            model_name="codeday", index=models.Index(fields=["region", "day"], name="code_days")
        ),
        migrations.AddIndex(
            model_name="hourday", index=models.Index(fields=["region", "day"], name="hour_days")
        ),
        migrations.AddIndex(
            model_name="loopday",
            index=models.Index(fields=["region", "day"], name="loop_days_by_region"),
        ),
        migrations.AddIndex(
            model_name="looplength",
            index=models.Index(fields=["region", "day"], name="loop_lengths"),
        ),
        migrations.AddIndex(
            model_name="placeday", index=models.Index(fields=["region", "day"], name="place_days")
        ),
        migrations.AddIndex(
            model_name="placemonth",
            index=models.Index(fields=["region", "day"], name="place_months"),
        ),
        migrations.AddIndex(
            model_name="departmentwhole",
            index=models.Index(fields=["department_id", "day"], name="department_wholes"),
        ),
        migrations.AddIndex(
            model_name="departmentwhole",
            index=models.Index(fields=["region", "day"], name="department_wholes_by_region"),
        ),
        migrations.AddIndex(
            model_name="itemwhole",
            index=models.Index(fields=["item_id", "day"], name="item_wholes"),
        ),
        migrations.AddIndex(
            model_name="itemwhole",
            index=models.Index(fields=["region", "day"], name="item_wholes_by_region"),
        ),
        migrations.AddIndex(
            model_name="loopmonth",
            index=models.Index(fields=["department_id", "day"], name="loop_months"),
        ),
        migrations.AddIndex(
            model_name="loopmonth",
            index=models.Index(fields=["region", "day"], name="loop_months_by_region"),
        ),
        migrations.AddIndex(
            model_name="windowwhole",
            index=models.Index(fields=["window_id", "day"], name="window_wholes"),
        ),
        migrations.AddIndex(
            model_name="windowwhole",
            index=models.Index(fields=["region", "day"], name="window_wholes_by_region"),
        ),
        _filled("cityday", "placeday", ("city", "channel", "party"), _SUMS),
        _filled("citymonth", "placemonth", ("city", "channel", "party"), _SUMS),
        _filled("hourcity", "hourday", ("city", "weekday", "hour"), _LEVELS, _MONTH),
        _filled("codecity", "codeday", ("city", "code"), ("n", "x"), _MONTH),
        _filled("departmentwhole", "departmentmonth", ("department_id", "county"), _SUMS),
        _filled("windowwhole", "windowmonth", ("window_id", "county"), _SUMS),
        _filled("itemwhole", "itemmonth", ("item_id", "county"), _SUMS),
        _filled("loopmonth", "loopday", ("department_id", "county"), _LOOP, _MONTH),
        _filled("loopcity", "loopday", ("city",), _LOOP),
        _filled("lengthcity", "looplength", ("city", "stretch", "bucket"), ("n",)),
        migrations.RunSQL(
            "INSERT INTO analytics_register (day, city, bucket, rho, region) "
            "SELECT day, 0, bucket, max(rho), 320000000000 FROM analytics_register "
            "GROUP BY day, bucket ON CONFLICT DO NOTHING",
            migrations.RunSQL.noop,
        ),
    ]
