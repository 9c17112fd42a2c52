"""The logs."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the tables."""

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('pk', models.CompositePrimaryKey('log_id', 'no', blank=True, editable=False, primary_key=True, serialize=False)),
                ('log_id', models.IntegerField()),
                ('no', models.BigIntegerField()),
                ('body', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='Log',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=20, unique=True)),
                ('origin', models.CharField(max_length=200, unique=True)),
                ('size', models.BigIntegerField(default=0)),
                ('frontier', models.BinaryField(default=b'')),
                ('published', models.BigIntegerField(default=0)),
                ('scrubbed', models.BigIntegerField(default=0)),
                ('frozen', models.CharField(blank=True, max_length=400)),
                ('frozen_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Trail',
            fields=[
                ('entry_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('log_id', models.IntegerField()),
                ('no', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('size', models.BigIntegerField()),
                ('root', models.BinaryField()),
                ('note', models.TextField(blank=True)),
                ('signed_at', models.DateTimeField(null=True)),
                ('cosigned_at', models.DateTimeField(null=True)),
                ('log', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='ledger.log')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('log', 'size'), name='a_log_has_one_root_of_a_size')],
            },
        ),
    ]
