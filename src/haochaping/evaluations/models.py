"""Tables of ratings.

Append-only and partitioned (ADR 0001), so their SQL is in the migration and Django only reads them.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Evaluation(models.Model):
    """The first rating of a service. Its key is the record's key, so a service has one."""

    id = models.BigIntegerField(primary_key=True)
    sign = models.SmallIntegerField()  # +1; a revocation will be a row of its own with −1
    region = models.BigIntegerField()
    city = models.IntegerField()
    county = models.IntegerField()
    street = models.IntegerField()
    day = models.DateField()  # business day of the rating
    service_day = models.DateField()  # business day of the service
    department_id = models.IntegerField()
    item_id = models.IntegerField()
    window_id = models.IntegerField(null=True)
    staff_id = models.IntegerField(null=True)
    channel = models.SmallIntegerField()
    level = models.SmallIntegerField()
    codes = ArrayField(models.SmallIntegerField())
    words = models.TextField()
    rated_at = models.DateTimeField()  # as claimed
    received_at = models.DateTimeField()  # the database's clock
    anonymous = models.BooleanField()
    rater_name = models.BinaryField(null=True)  # sealed
    rater_index = models.BinaryField(null=True)  # blind
    phone = models.BinaryField(null=True)  # sealed
    digest = models.BigIntegerField()
    stamp = models.BigIntegerField(null=True)  # of what was handed in; none before there were any
    client_id = models.IntegerField(null=True)
    origin = models.SmallIntegerField()  # of the service: 1 registered, 2 scanned, 3 synthetic

    class Meta:
        managed = False
        db_table = "evaluations_evaluation"

    def __str__(self) -> str:
        return str(self.id)


class Waiting(models.Model):
    """A rating whose service is not registered yet.

    It counts from the moment the record arrives.
    """

    pk = models.CompositePrimaryKey("project_no", "service_number", "kind", "client_id")
    project_no = models.TextField()
    service_number = models.SmallIntegerField()
    kind = models.SmallIntegerField()
    # the rating as it was handed in, sealed: it may hold personal data
    parcel = models.BinaryField()
    digest = models.BigIntegerField()
    client_id = models.IntegerField(default=0)  # each system's own waits for itself; 0 is none
    low = models.BigIntegerField()  # how far the client reaches
    high = models.BigIntegerField()
    since = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "evaluations_waiting"

    def __str__(self) -> str:
        return f"{self.project_no}#{self.service_number}"


class FollowUp(models.Model):
    """A follow-up 追评: a child of the first rating, which it never overwrites."""

    evaluation_id = models.BigIntegerField(primary_key=True)
    region = models.BigIntegerField()
    day = models.DateField()
    channel = models.SmallIntegerField()
    level = models.SmallIntegerField()
    codes = ArrayField(models.SmallIntegerField())
    words = models.TextField()
    rated_at = models.DateTimeField()
    received_at = models.DateTimeField()
    digest = models.BigIntegerField()
    stamp = models.BigIntegerField(null=True)  # of what was handed in; none before there were any
    client_id = models.IntegerField(null=True)

    class Meta:
        managed = False
        db_table = "evaluations_followup"

    def __str__(self) -> str:
        return str(self.evaluation_id)


class Replacement(models.Model):
    """A rating that its citizen has replaced 改评, once.

    The first stays, the raw figures keep it, the adjusted ones take this.
    """

    evaluation_id = models.BigIntegerField(primary_key=True)
    region = models.BigIntegerField()
    before = models.SmallIntegerField()
    level = models.SmallIntegerField()
    codes = ArrayField(models.SmallIntegerField())
    words = models.TextField()
    channel = models.SmallIntegerField()
    at = models.DateTimeField()
    stamp = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return str(self.evaluation_id)


class SetAside(models.Model):
    """A rating whose objection two persons upheld 申诉成立: it stays, and the adjusted figures
    leave it out.
    """

    evaluation_id = models.BigIntegerField(primary_key=True)
    region = models.BigIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.evaluation_id)


class Ground(models.Model):
    """Why a rating is set aside: each verdict that says so, until that is taken back."""

    evaluation_id = models.BigIntegerField()
    ground = models.CharField(max_length=30)  # objection, hold, finding and its number

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["evaluation_id", "ground"], name="a_verdict_sets_a_rating_aside_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id} {self.ground}"


class Restored(models.Model):
    """A rating that was set aside and that two persons took back in 申诉恢复: it counts again, for
    good.
    """

    evaluation_id = models.BigIntegerField(primary_key=True)
    region = models.BigIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.evaluation_id)


class Trace(models.Model):
    """From which network and browser a citizen's own page was sent: a keyed number that only says
    "the same", for the detectors, and is forgotten after its term.
    """

    evaluation_id = models.BigIntegerField(primary_key=True)
    region = models.BigIntegerField()
    network = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], name="traces_by_age")]

    def __str__(self) -> str:
        return str(self.evaluation_id)


class Settled(models.Model):
    """What became of a rating that waited for its service: its system asks for it by number."""

    client_id = models.IntegerField(null=True)
    project_no = models.CharField(max_length=64)
    service_number = models.SmallIntegerField()
    kind = models.SmallIntegerField()
    evaluation_id = models.BigIntegerField(null=True)  # where it counts now
    code = models.CharField(max_length=40, blank=True)  # of the refusal
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["client_id", "id"], name="settled_of_a_client")]

    def __str__(self) -> str:
        return f"{self.project_no}#{self.service_number} {self.code}"
