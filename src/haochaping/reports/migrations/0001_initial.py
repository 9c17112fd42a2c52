"""The tables of reports."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """First."""

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user_id', models.BigIntegerField()),
                ('region', models.BigIntegerField()),
                ('title', models.CharField(max_length=80)),
                ('path', models.CharField(max_length=400)),
                ('query', models.CharField(blank=True, max_length=400)),
                ('span', models.CharField(max_length=8)),
                ('mail', models.BinaryField(null=True)),
                ('made_at', models.DateTimeField()),
                ('done', models.DateField(null=True)),
                ('removed_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['user_id'], name='subscriptions_of_a_person')],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user_id', models.BigIntegerField()),
                ('region', models.BigIntegerField()),
                ('since', models.DateField()),
                ('pdf', models.BinaryField()),
                ('made_at', models.DateTimeField()),
                ('mailed_at', models.DateTimeField(null=True)),
                ('subscription', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='reports.subscription')),
            ],
            options={
                'indexes': [models.Index(fields=['user_id', '-made_at'], name='reports_of_one')],
                'constraints': [models.UniqueConstraint(fields=('subscription', 'since'), name='one_report_a_period')],
            },
        ),
    ]
