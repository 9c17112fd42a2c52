"""QR codes, phone checks, devices and calls."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('invitations', '0002_links'),
    ]

    operations = [
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
            name='PhoneCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phone_index', models.BinaryField()),
                ('code_hash', models.BinaryField()),
                ('sent_at', models.DateTimeField()),
                ('tries', models.SmallIntegerField(default=0)),
                ('used_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ScanDay',
            fields=[
                ('pk', models.CompositePrimaryKey('code_id', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                ('code_id', models.IntegerField()),
                ('day', models.DateField()),
                ('scans', models.IntegerField(default=0)),
                ('opened', models.IntegerField(default=0)),
            ],
        ),
        migrations.AddField(
            model_name='link',
            name='back_url',
            field=models.CharField(blank=True, default='', max_length=500),
        ),
        migrations.AddField(
            model_name='link',
            name='embed',
            field=models.CharField(blank=True, default='', max_length=200),
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
            name='Code',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('short', models.CharField(max_length=10, unique=True)),
                ('kind', models.CharField(max_length=12)),
                ('target_id', models.IntegerField()),
                ('region', models.BigIntegerField()),
                ('made_at', models.DateTimeField()),
                ('disabled_at', models.DateTimeField(null=True)),
                ('replaced_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='invitations.code')),
            ],
        ),
        migrations.CreateModel(
            name='DeviceState',
            fields=[
                ('device', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='invitations.device')),
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
        migrations.AddIndex(
            model_name='phonecheck',
            index=models.Index(fields=['phone_index', '-sent_at'], name='phone_check_latest'),
        ),
        migrations.AddIndex(
            model_name='code',
            index=models.Index(fields=['region', 'kind'], name='code_by_region'),
        ),
        migrations.AddConstraint(
            model_name='code',
            constraint=models.UniqueConstraint(condition=models.Q(('disabled_at', None)), fields=('kind', 'target_id'), name='a_place_has_one_code_in_force'),
        ),
    ]
