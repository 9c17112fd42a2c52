"""Written by Django."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Written by Django."""

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.BigIntegerField()),
                ('valid_from', models.DateField()),
                ('values', models.JSONField(default=dict)),
                ('source', models.CharField(max_length=200)),
                ('redate', models.BooleanField(default=False)),
                ('proposed_by', models.BigIntegerField()),
                ('proposed_at', models.DateTimeField()),
                ('approved_by', models.BigIntegerField(null=True)),
                ('approved_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('approved_at__isnull', False)), fields=['region', 'valid_from'], name='policies_in_force')],
                'constraints': [models.CheckConstraint(condition=models.Q(('approved_by', None), ('approved_by', 0), models.Q(('approved_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='two_people_make_a_policy')],
            },
        ),
    ]
