"""Requests about personal data."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """The table of requests."""

    initial = True

    dependencies: ClassVar = [
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name='Request',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('evaluation_id', models.BigIntegerField()),
                ('region', models.BigIntegerField()),
                ('kind', models.CharField(max_length=10)),
                ('words', models.JSONField(default=dict)),
                ('asked_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('state', models.CharField(max_length=10)),
                ('proposed_by', models.BigIntegerField(null=True)),
                ('answered_by', models.BigIntegerField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answer', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'indexes': [models.Index(fields=['region', 'due_at'], name='privacy_of_region'), models.Index(fields=['evaluation_id'], name='privacy_of_rating')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('answered_at', None)), fields=('evaluation_id', 'kind'), name='privacy_once_at_a_time')],
            },
        ),
    ]
