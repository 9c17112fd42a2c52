"""Calls, and their hours."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """The tables of calls."""

    initial = True

    dependencies: ClassVar = [
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name='Call',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('client_id', models.BigIntegerField()),
                ('region', models.BigIntegerField()),
                ('kid', models.CharField(max_length=32)),
                ('operation', models.CharField(max_length=40)),
                ('status', models.SmallIntegerField()),
                ('code', models.CharField(blank=True, max_length=40)),
                ('says', models.CharField(blank=True, max_length=300)),
                ('items', models.IntegerField(default=1)),
                ('refused', models.IntegerField(default=0)),
                ('took', models.IntegerField()),
                ('address', models.GenericIPAddressField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['client_id', '-id'], name='calls_of_client'), models.Index(fields=['region', '-id'], name='calls_of_region')],
            },
        ),
        migrations.CreateModel(
            name='Hour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client_id', models.BigIntegerField()),
                ('region', models.BigIntegerField()),
                ('hour', models.DateTimeField()),
                ('operation', models.CharField(max_length=40)),
                ('status', models.SmallIntegerField()),
                ('code', models.CharField(blank=True, max_length=40)),
                ('calls', models.IntegerField()),
                ('items', models.BigIntegerField()),
                ('refused', models.BigIntegerField()),
                ('took', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client_id', 'hour', 'operation', 'status', 'code'), name='one_hour_of_a_kind')],
            },
        ),
    ]
