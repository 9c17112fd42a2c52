"""Tables of problems. Words stay with their ratings: here is only what was found in them."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Problem(models.Model):
    """One concrete problem of a city, told by several people. Its id lasts: it changes by a merge
    alone, and then the older one stays.
    """

    region = models.BigIntegerField()  # of the city
    name = models.CharField(max_length=80)
    named_by = models.BigIntegerField(null=True)  # a person's name for it stays
    keywords = ArrayField(models.CharField(max_length=40), default=list)
    first_day = models.DateField()
    last_day = models.DateField()
    texts = models.IntegerField(default=0)
    people = models.IntegerField(default=0)
    lately = models.IntegerField(default=0)  # people of the last seven days
    expected = models.FloatField(default=0)  # people a week in the eight weeks before
    alerted = models.BooleanField(default=False)  # more than chance, lately
    emerging = models.BooleanField(default=False)  # new, and told by three or more
    merged_into = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["region", "-last_day"], name="problems_alive", condition=Q(merged_into=None)
            )
        ]

    def __str__(self) -> str:
        return self.name


class Text(models.Model):
    """What was found in the words of one bad rating."""

    evaluation_id = models.BigIntegerField(primary_key=True)
    region = models.BigIntegerField()
    city = models.IntegerField()
    day = models.DateField()
    department_id = models.IntegerField()
    item_id = models.IntegerField()
    window_id = models.IntegerField(null=True)
    person = models.CharField(max_length=32)  # blind; whoever cannot be told is one of their own
    # who counts: the person, or the words that many send alike; "" before it was looked at
    teller = models.CharField(max_length=32, blank=True, db_default="", default="")
    digest = models.CharField(max_length=32)  # equal for words that differ in marks only
    reasons = ArrayField(models.CharField(max_length=20), default=list)
    confidence = models.FloatField(null=True)  # of the classifier; null: by keywords or a person
    doubtful = models.BooleanField(default=False)  # waits for a person
    judged_by = models.BigIntegerField(null=True)
    problem_id = models.BigIntegerField(null=True)
    grouped = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["city", "day"], name="problem_texts_of_a_city"),
            models.Index(fields=["problem_id", "-day"], name="texts_of_a_problem"),
            models.Index(
                fields=["city"], name="problem_texts_to_group", condition=Q(grouped=False)
            ),
            models.Index(
                fields=["region", "-day"], name="problem_texts_to_judge", condition=Q(doubtful=True)
            ),
        ]

    def __str__(self) -> str:
        return str(self.evaluation_id)


class Keywords(models.Model):
    """The words that speak for a reason: edited by an office, versioned by the audit trail."""

    reason = models.CharField(max_length=20, primary_key=True)
    zh = models.CharField(max_length=40)
    en = models.CharField(max_length=60)
    words = ArrayField(models.CharField(max_length=40))
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.zh


class Fitted(models.Model):
    """Something that was learnt, by version: weights of words, or a classifier."""

    kind = models.CharField(max_length=10)  # space | model
    made_at = models.DateTimeField()
    texts = models.IntegerField()  # that it was learnt from
    judged = models.IntegerField(default=0)  # of them labelled by people
    data = models.BinaryField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "-id"], name="fitted_last")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Campaign(models.Model):
    """A campaign 专项整改: a department puts a problem right, and the office watches to its end."""

    problem_id = models.BigIntegerField()
    region = models.BigIntegerField()  # of the department
    department_id = models.IntegerField()
    title = models.CharField(max_length=80)
    asked = models.CharField(max_length=1000)
    due_on = models.DateField()
    opened_by = models.BigIntegerField()
    opened_at = models.DateTimeField()
    answer = models.CharField(max_length=2000, blank=True)
    answered_by = models.BigIntegerField(null=True)
    answered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=1000, blank=True)
    closed_by = models.BigIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["problem_id"], name="campaigns_of_a_problem"),
            models.Index(fields=["region", "-opened_at"], name="campaigns_of_a_place"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["problem_id", "department_id"],
                condition=Q(closed_at=None),
                name="one_open_campaign_of_a_department",
            )
        ]

    def __str__(self) -> str:
        return self.title
