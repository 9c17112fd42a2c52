"""Sandboxes, their keys, what they hold and their calls."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The tables of sandboxes."""

    initial = True

    dependencies: ClassVar = [
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name='System',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('token_hash', models.BinaryField(unique=True)),
                ('address', models.GenericIPAddressField(null=True)),
                ('done', models.JSONField(default=list)),
                ('made_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['ends_at'], name='sandbox_ends')],
            },
        ),
        migrations.CreateModel(
            name='Key',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kid', models.CharField(max_length=32, unique=True)),
                ('secret', models.BinaryField()),
                ('made_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('system', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='sandbox.system')),
            ],
        ),
        migrations.CreateModel(
            name='Kept',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=10)),
                ('natural_key', models.CharField(max_length=80)),
                ('content', models.BinaryField()),
                ('receipt', models.CharField(max_length=24)),
                ('waited', models.BooleanField(default=False)),
                ('at', models.DateTimeField()),
                ('system', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='sandbox.system')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('system', 'kind', 'natural_key'), name='sandbox_once')],
            },
        ),
        migrations.CreateModel(
            name='Call',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('method', models.CharField(max_length=10)),
                ('path', models.CharField(max_length=300)),
                ('headers', models.JSONField()),
                ('body', models.TextField()),
                ('status', models.SmallIntegerField()),
                ('code', models.CharField(blank=True, max_length=40)),
                ('answer', models.TextField()),
                ('signed_text', models.TextField(blank=True)),
                ('guess', models.CharField(blank=True, max_length=20)),
                ('system', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='sandbox.system')),
            ],
            options={
                'indexes': [models.Index(fields=['system', '-id'], name='sandbox_calls')],
            },
        ),
    ]
