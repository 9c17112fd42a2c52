"""Findings, opinions and runs."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the tables."""

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('detector', models.CharField(max_length=20)),
                ('unit', models.CharField(max_length=10)),
                ('unit_id', models.IntegerField()),
                ('region', models.BigIntegerField()),
                ('department_id', models.IntegerField()),
                ('since', models.DateField()),
                ('until', models.DateField()),
                ('k', models.IntegerField()),
                ('n', models.IntegerField()),
                ('expected', models.FloatField()),
                ('p', models.FloatField()),
                ('ratings', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list)),
                ('peers', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), default=list)),
                ('peers_to', models.FloatField(default=1.0)),
                ('days', models.JSONField(default=dict)),
                ('state', models.CharField(default='suspected', max_length=10)),
                ('found_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('set_aside', models.IntegerField(default=0)),
                ('appeal', models.CharField(blank=True, max_length=1000)),
                ('appealed_by', models.BigIntegerField(null=True)),
                ('appealed_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['region', 'state', '-seen_at'], name='findings_by_place'), models.Index(fields=['department_id', '-seen_at'], name='findings_of_department')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'suspected')), fields=('detector', 'unit', 'unit_id'), name='one_open_finding_of_a_unit'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'suspected'), ('decided_at', None)), models.Q(models.Q(('state', 'suspected'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='a_verdict_has_its_moment')],
            },
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('city', models.IntegerField()),
                ('since', models.DateField()),
                ('until', models.DateField()),
                ('ratings', models.IntegerField()),
                ('flagged', models.IntegerField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['city', '-at'], name='runs_of_a_city')],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__gte', models.F('since'))), name='a_run_looks_forward')],
            },
        ),
        migrations.CreateModel(
            name='Opinion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verdict', models.CharField(max_length=10)),
                ('note', models.CharField(max_length=500)),
                ('by', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('finding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='detection.finding')),
            ],
            options={
                'indexes': [models.Index(fields=['finding', 'at'], name='opinions_of_a_finding')],
                'constraints': [models.UniqueConstraint(fields=('finding', 'by'), name='one_opinion_of_a_person')],
            },
        ),
    ]
