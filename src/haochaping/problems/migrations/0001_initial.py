"""Written by Django."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Written by Django."""

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Keywords',
            fields=[
                ('reason', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('zh', models.CharField(max_length=40)),
                ('en', models.CharField(max_length=60)),
                ('words', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40))),
                ('changed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('problem_id', models.BigIntegerField()),
                ('region', models.BigIntegerField()),
                ('department_id', models.IntegerField()),
                ('title', models.CharField(max_length=80)),
                ('asked', models.CharField(max_length=1000)),
                ('due_on', models.DateField()),
                ('opened_by', models.BigIntegerField()),
                ('opened_at', models.DateTimeField()),
                ('answer', models.CharField(blank=True, max_length=2000)),
                ('answered_by', models.BigIntegerField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, max_length=1000)),
                ('closed_by', models.BigIntegerField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['problem_id'], name='campaigns_of_a_problem'), models.Index(fields=['region', '-opened_at'], name='campaigns_of_a_place')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('problem_id', 'department_id'), name='one_open_campaign_of_a_department')],
            },
        ),
        migrations.CreateModel(
            name='Fitted',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=10)),
                ('made_at', models.DateTimeField()),
                ('texts', models.IntegerField()),
                ('judged', models.IntegerField(default=0)),
                ('data', models.BinaryField()),
            ],
            options={
                'indexes': [models.Index(fields=['kind', '-id'], name='fitted_last')],
            },
        ),
        migrations.CreateModel(
            name='Problem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.BigIntegerField()),
                ('name', models.CharField(max_length=80)),
                ('named_by', models.BigIntegerField(null=True)),
                ('keywords', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list)),
                ('first_day', models.DateField()),
                ('last_day', models.DateField()),
                ('texts', models.IntegerField(default=0)),
                ('people', models.IntegerField(default=0)),
                ('lately', models.IntegerField(default=0)),
                ('expected', models.FloatField(default=0)),
                ('alerted', models.BooleanField(default=False)),
                ('emerging', models.BooleanField(default=False)),
                ('merged_into', models.BigIntegerField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('merged_into', None)), fields=['region', '-last_day'], name='problems_alive')],
            },
        ),
        migrations.CreateModel(
            name='Text',
            fields=[
                ('evaluation_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('region', models.BigIntegerField()),
                ('city', models.IntegerField()),
                ('day', models.DateField()),
                ('department_id', models.IntegerField()),
                ('item_id', models.IntegerField()),
                ('window_id', models.IntegerField(null=True)),
                ('person', models.CharField(max_length=32)),
                ('digest', models.CharField(max_length=32)),
                ('reasons', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), default=list)),
                ('confidence', models.FloatField(null=True)),
                ('doubtful', models.BooleanField(default=False)),
                ('judged_by', models.BigIntegerField(null=True)),
                ('problem_id', models.BigIntegerField(null=True)),
                ('grouped', models.BooleanField(default=False)),
            ],
            options={
                'indexes': [models.Index(fields=['city', 'day'], name='problem_texts_of_a_city'), models.Index(fields=['problem_id', '-day'], name='texts_of_a_problem'), models.Index(condition=models.Q(('grouped', False)), fields=['city'], name='problem_texts_to_group'), models.Index(condition=models.Q(('doubtful', True)), fields=['region', '-day'], name='problem_texts_to_judge')],
            },
        ),
    ]
