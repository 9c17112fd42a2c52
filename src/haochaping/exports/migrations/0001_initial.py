"""Exports and the parts of their files."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The tables of exports."""

    initial = True

    dependencies: ClassVar = [
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user_id', models.BigIntegerField()),
                ('region', models.BigIntegerField()),
                ('title', models.CharField(max_length=80)),
                ('path', models.CharField(max_length=200)),
                ('query', models.CharField(blank=True, max_length=2000)),
                ('form', models.CharField(max_length=4)),
                ('state', models.CharField(max_length=8)),
                ('lines', models.BigIntegerField(default=0)),
                ('size', models.BigIntegerField(default=0)),
                ('says', models.CharField(blank=True, max_length=300)),
                ('made_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['user_id', '-id'], name='exports_of_a_person')],
            },
        ),
        migrations.CreateModel(
            name='Part',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('no', models.IntegerField()),
                ('data', models.BinaryField()),
                ('export', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='exports.export')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('export', 'no'), name='one_part_of_a_number')],
            },
        ),
    ]
