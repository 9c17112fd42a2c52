"""What our own daily test of each channel found, and what goes to and comes from other systems."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from haochaping.exchange.rules import ENDED, Status


class Probe(models.Model):
    """One synthetic rating of one level over one channel.

    Marked, never counted, announced in the audit trail before it is given.
    """

    channel = models.SmallIntegerField()
    level = models.SmallIntegerField()
    at = models.DateTimeField()
    good = models.BooleanField()
    said = models.CharField(max_length=120, blank=True)  # what went wrong

    class Meta:
        indexes: ClassVar = [models.Index(fields=["channel", "level", "-at"], name="probe_latest")]

    def __str__(self) -> str:
        return f"{self.channel} {self.level} {self.good}"


class Hotline(models.Model):
    """The 12345 system of a city that works on orders in a system of its own.

    Both sides number what they say, from 1.
    """

    region = models.BigIntegerField(unique=True)
    client_id = models.IntegerField(unique=True)  # whose keys sign, in both directions
    kid = models.CharField(max_length=32)  # the key that we sign with
    url = models.CharField(max_length=300)
    user_id = models.BigIntegerField()  # the account in whose name it moves orders
    said = models.BigIntegerField(default=0)  # the last number that we gave
    heard = models.BigIntegerField(default=0)  # the last number of theirs that was acted on
    # of who connected or stopped it: another person starts it, for a city's orders leave the house
    changed_by = models.BigIntegerField(default=0)
    stopped_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.region}"


class Outgoing(models.Model):
    """Something that we say to a hotline.

    It is said again until it is heard, and nothing overtakes it.
    """

    hotline = models.ForeignKey(Hotline, on_delete=models.PROTECT)
    seq = models.BigIntegerField()
    # the step of an order that it tells of: each is told once
    step_id = models.BigIntegerField(null=True)
    body = models.BinaryField()  # sealed: it holds what citizens wrote
    made_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # when it is said (again); None: heard
    heard_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hotline", "seq"], name="a_number_is_said_once"),
            models.UniqueConstraint(fields=["hotline", "step_id"], name="a_step_is_told_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["hotline", "seq"],
                condition=models.Q(due_at__isnull=False),
                name="outgoing_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.hotline_id} {self.seq}"


class Incoming(models.Model):
    """Something that a hotline said.

    What comes out of order waits for what is missing; what comes twice counts once.
    """

    hotline = models.ForeignKey(Hotline, on_delete=models.PROTECT)
    seq = models.BigIntegerField()
    digest = models.BinaryField()
    body = models.BinaryField()  # sealed
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=40, blank=True)  # done, or the code of the refusal

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hotline", "seq"], name="a_number_is_heard_once")
        ]

    def __str__(self) -> str:
        return f"{self.hotline_id} {self.seq} {self.outcome}"


class Partner(models.Model):
    """A platform that is told what happens here 对接方: the nation's, a city's, a department's.

    What lies within its region is told, in its dialect and by its conventions.
    """

    name = models.CharField(max_length=80, unique=True)
    dialect = models.CharField(max_length=12)  # rules.Outward
    region = models.BigIntegerField()
    # credit codes of the departments that it is told of; none: every one of its region
    departments = ArrayField(models.CharField(max_length=18), default=list)
    url = models.CharField(max_length=300)
    ways = models.JSONField(default=dict)  # of rules.CONVENTIONS, where not as its dialect has it
    secret = models.BinaryField(null=True)  # sealed JSON: what we sign and encrypt with
    client_id = models.IntegerField(null=True)  # whose keys sign what it sends to us
    words = models.BooleanField(default=True)  # may know what citizens wrote, masked
    personal = models.BooleanField(default=False)  # may know names and telephone numbers
    batch = models.IntegerField(default=1000)  # messages at once
    pace = models.IntegerField(default=0)  # messages a second at most; 0: as it takes them
    connected_at = models.DateTimeField()
    # of who connected or stopped it: another person starts it, for much leaves the house here
    changed_by = models.BigIntegerField(default=0)
    stopped_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # disconnected for good
    failures = models.IntegerField(default=0)  # in a row
    failing_since = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)  # when it is spoken to again
    heard_at = models.DateTimeField(null=True)  # when it last took something
    acknowledged = models.BigIntegerField(default=0)  # times that it acknowledged a message
    answer = models.CharField(max_length=200, blank=True)  # why it did not, in its own words

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """A message to a partner 报送: one fact, told once.

    Its text is written anew from the fact at each try; the digest is that of what was sent last.
    Local to the coordinator as the feed is.
    """

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT)
    kind = models.SmallIntegerField()  # feed.rules.Kind
    ref = models.BigIntegerField()
    record = models.BigIntegerField()  # the service: what is about one goes in order
    day = models.DateField()  # of the fact, as both sides can tell
    status = models.SmallIntegerField(default=Status.NEW)
    deadline = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # when it is sent (again); None: it has ended
    tries = models.IntegerField(default=0)
    # how often its text was to be written anew: what comes back of an earlier one ends nothing
    turn = models.IntegerField(default=0, db_default=0)
    since = models.DateTimeField(null=True)  # of the first try that failed
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    digest = models.BinaryField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    theirs = models.CharField(max_length=64, blank=True)  # the partner's number of it

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partner", "kind", "ref"], name="a_fact_is_told_a_partner_once"
            ),
            models.CheckConstraint(
                name="what_has_ended_is_not_due",
                condition=models.Q(status__in=sorted(ENDED), due_at=None)
                | (~models.Q(status__in=sorted(ENDED)) & models.Q(due_at__isnull=False)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["partner", "deadline", "id"],
                condition=models.Q(due_at__isnull=False),
                name="deliveries_to_send",
            ),
            models.Index(
                fields=["partner", "record", "id"],
                condition=models.Q(due_at__isnull=False),
                name="deliveries_of_a_record",
            ),
            models.Index(
                fields=["partner", "due_at", "id"],
                condition=models.Q(since__isnull=False, due_at__isnull=False),
                name="deliveries_that_failed",
            ),
            models.Index(fields=["partner", "day", "kind"], name="deliveries_of_a_day"),
            models.Index(
                fields=["partner", "status", "-ended_at"],
                condition=models.Q(status__in=[Status.REFUSED, Status.DEAD, Status.LEFT_OUT]),
                name="deliveries_in_trouble",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner_id} {self.kind} {self.ref}"


class Reconciled(models.Model):
    """A day and family of a partner, compared with what it has 对账: how it compared last, and
    since when the partner does not answer for it.
    """

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT)
    day = models.DateField()
    family = models.CharField(max_length=16)  # rules.Family
    at = models.DateTimeField(null=True)  # None: never
    ours = models.IntegerField(default=0)
    theirs = models.IntegerField(default=0)
    differing = models.IntegerField(default=0)  # but those that a person has explained
    explained = models.IntegerField(default=0)
    asked = models.IntegerField(default=0)  # questions that it took
    unanswered_since = models.DateTimeField(null=True)
    answer = models.CharField(max_length=200, blank=True)  # what it said instead
    red_since = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partner", "day", "family"], name="a_day_is_reconciled_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.partner_id} {self.day} {self.family} {self.differing}"


class Difference(models.Model):
    """A message that two sides have differently, until it is the same or a person closes it."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT)
    day = models.DateField()
    family = models.CharField(max_length=16)
    message = models.CharField(max_length=40)
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.PROTECT)
    what = models.CharField(max_length=8)  # rules.digests.What
    theirs = models.CharField(max_length=40, blank=True)  # what stands for what they have
    found_at = models.DateTimeField()
    resent_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.BigIntegerField(null=True)  # None: it became the same by itself
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partner", "message"],
                condition=models.Q(closed_at=None),
                name="a_difference_is_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.partner_id} {self.message} {self.what}"


class Received(models.Model):
    """A message from a partner 来件, taken once by its id; what does not fit waits for a person."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT)
    message = models.CharField(max_length=64)  # the partner's id of it
    family = models.CharField(max_length=16)
    digest = models.BinaryField()
    # of which day it says to be, and what stands for it as its sender compares it (`rules.digest`)
    day = models.DateField(null=True)
    told = models.BinaryField(null=True)
    body = models.BinaryField(null=True)  # sealed; None once it was taken in
    at = models.DateTimeField()
    outcome = models.CharField(max_length=40)  # taken, or the code of the refusal
    reason = models.CharField(max_length=300, blank=True)
    record = models.BigIntegerField(null=True)  # the service it is about, once taken
    kind = models.SmallIntegerField(null=True)  # feed.rules.Kind of what was taken in
    done_at = models.DateTimeField(null=True)
    done_by = models.BigIntegerField(null=True)  # who corrected or dropped it
    corrected = ArrayField(models.CharField(max_length=40), default=list)  # names of fields

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partner", "message"], name="a_message_is_received_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["partner", "at"],
                condition=models.Q(done_at=None),
                name="received_in_quarantine",
            ),
            models.Index(
                fields=["record"],
                condition=models.Q(record__isnull=False),
                name="received_about_a_service",
            ),
            models.Index(fields=["partner", "day", "family"], name="received_of_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.partner_id} {self.message} {self.outcome}"
