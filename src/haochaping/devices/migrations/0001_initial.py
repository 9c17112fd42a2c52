"""The tables come from `invitations`, where devices lived at first; here they get their models."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Tells Django, and changes nothing in the database."""

    initial = True
    dependencies = [("invitations", "0004_devices_are_a_room")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
        migrations.CreateModel(
            name='Device',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kid', models.CharField(max_length=32, unique=True)),
                ('kind', models.CharField(max_length=10)),
                ('window_id', models.IntegerField()),
                ('region', models.BigIntegerField()),
                ('secret', models.BinaryField()),
                ('paired_at', models.DateTimeField()),
                ('disabled_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='DeviceRating',
            fields=[
                ('pk', models.CompositePrimaryKey('device_id', 'seq', blank=True, editable=False, primary_key=True, serialize=False)),
                ('device_id', models.IntegerField()),
                ('seq', models.BigIntegerField()),
                ('key', models.CharField(max_length=64)),
                ('answer', models.CharField(max_length=40)),
                ('received_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Pairing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code_hash', models.BinaryField()),
                ('kind', models.CharField(max_length=10)),
                ('window_id', models.IntegerField()),
                ('region', models.BigIntegerField()),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='PairingFailure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.GenericIPAddressField(null=True)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Call',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('window_id', models.IntegerField()),
                ('record_id', models.BigIntegerField()),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, max_length=10)),
            ],
            options={
                'indexes': [models.Index(fields=['window_id', '-made_at'], name='call_latest')],
            },
        ),
        migrations.CreateModel(
            name='DeviceState',
            fields=[
                ('device', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='devices.device')),
                ('seen_at', models.DateTimeField()),
                ('version', models.CharField(blank=True, max_length=40)),
                ('waiting', models.IntegerField(default=0)),
                ('skew_seconds', models.IntegerField(default=0)),
                ('last_seq', models.BigIntegerField(default=0)),
                ('received', models.BigIntegerField(default=0)),
                ('dead', models.IntegerField(default=0)),
            ],
        ),
        migrations.AddIndex(
            model_name='device',
            index=models.Index(fields=['region'], name='device_by_region'),
        ),
        migrations.AddIndex(
            model_name='device',
            index=models.Index(fields=['window_id'], name='device_by_window'),
        ),
        migrations.AddIndex(
            model_name='devicerating',
            index=models.Index(fields=['key'], name='device_rating_by_tracking', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='pairing',
            index=models.Index(fields=['code_hash'], name='pairing_by_code'),
        ),
        migrations.AddIndex(
            model_name='pairingfailure',
            index=models.Index(fields=['at'], name='pairing_failure_at'),
        ),
            ]
        )
    ]
