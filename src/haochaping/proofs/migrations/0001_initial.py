"""Openings, days and what goes with them."""

import django.contrib.postgres.fields
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the tables."""

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Invited',
            fields=[
                ('pk', models.CompositePrimaryKey('log_id', 'no', blank=True, editable=False, primary_key=True, serialize=False)),
                ('log_id', models.IntegerField()),
                ('no', models.BigIntegerField()),
                ('services', models.IntegerField()),
                ('root', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='Restatement',
            fields=[
                ('pk', models.CompositePrimaryKey('log_id', 'no', blank=True, editable=False, primary_key=True, serialize=False)),
                ('log_id', models.IntegerField()),
                ('no', models.BigIntegerField()),
                ('said', models.TextField()),
                ('leaves', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Day',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('log_id', models.IntegerField()),
                ('day', models.DateField()),
                ('begin', models.BigIntegerField()),
                ('end', models.BigIntegerField()),
                ('rows', models.IntegerField()),
                ('root', models.BinaryField()),
                ('statement', models.TextField()),
                ('no', models.BigIntegerField()),
                ('proved_at', models.DateTimeField(null=True)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('log_id', 'day'), name='a_log_has_one_book_of_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Opening',
            fields=[
                ('pk', models.CompositePrimaryKey('log_id', 'no', blank=True, editable=False, primary_key=True, serialize=False)),
                ('log_id', models.IntegerField()),
                ('no', models.BigIntegerField()),
                ('leaf', models.SmallIntegerField()),
                ('what', models.SmallIntegerField()),
                ('ref', models.BigIntegerField()),
                ('salts', models.BinaryField(null=True)),
                ('at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['what', 'ref'], name='openings_by_fact'), models.Index(fields=['log_id', 'at'], name='openings_by_time')],
            },
        ),
    ]
