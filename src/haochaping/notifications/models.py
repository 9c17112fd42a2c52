"""Messages, what gateways told us, and replies.

Numbers and texts are sealed; numbers are found by their blind index.
"""

from typing import ClassVar

from django.db import models


class Message(models.Model):
    """An SMS on its way out."""

    template = models.CharField(max_length=20)  # key of rules.TEMPLATES
    phone = models.BinaryField()  # sealed
    phone_index = models.BinaryField()  # blind
    values = models.BinaryField()  # sealed: they may hold a link, which is a credential
    record_id = models.BigIntegerField(null=True)  # the service that is asked about
    region = models.BigIntegerField()
    # added to our number, so that a reply says what it answers
    extension = models.CharField(max_length=4, blank=True)
    urgent = models.BooleanField()
    segments = models.SmallIntegerField()
    state = models.CharField(max_length=10)
    tries = models.SmallIntegerField(default=0)
    queued_at = models.DateTimeField()
    # when it is to be sent or, while it is being sent, taken up again; None: done
    due_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=64, blank=True)
    why = models.CharField(max_length=120, blank=True)  # what the gateway said

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"], condition=models.Q(due_at__isnull=False), name="message_due"
            ),
            models.Index(fields=["phone_index", "-queued_at"], name="message_by_phone"),
            models.Index(
                fields=["provider_id"],
                condition=~models.Q(provider_id=""),
                name="message_by_provider_id",
            ),
            models.Index(
                fields=["record_id"],
                condition=models.Q(record_id__isnull=False),
                name="message_by_record",
            ),
            models.Index(fields=["region", "-queued_at"], name="message_by_region"),
            models.Index(fields=["queued_at", "id"], name="message_by_time"),
            models.Index(fields=["state", "region"], name="message_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.template} {self.state}"


class Text(models.Model):
    """The text of a template as an office had it approved by its carrier: in force once a second
    person has confirmed it, and until another is.
    """

    template = models.CharField(max_length=20)  # key of rules.TEMPLATES
    text = models.CharField(max_length=400)
    proposed_by = models.BigIntegerField()
    proposed_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    approved = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="two_people_change_a_text",
                condition=models.Q(approved=False) | ~models.Q(decided_by=models.F("proposed_by")),
            ),
            models.UniqueConstraint(
                fields=["template"], condition=models.Q(decided_at=None), name="one_text_waits"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["template", "-decided_at"], name="texts_of_a_template")
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.proposed_at}"


class Reply(models.Model):
    """An SMS that came in. The digest makes one that a gateway pushes twice count once."""

    digest = models.BinaryField(unique=True)  # keyed
    said = models.BigIntegerField(default=0)  # keyed digest of who said what to which number
    phone = models.BinaryField()  # sealed
    phone_index = models.BinaryField()  # blind
    destination = models.CharField(max_length=32)
    content = models.BinaryField()  # sealed
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField(db_index=True)
    # rated, reason, repeated, late, unknown, unsubscribed, nothing_open
    outcome = models.CharField(max_length=20, blank=True)
    evaluation_id = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.pk} {self.outcome}"


class ReplyPart(models.Model):
    """A part of a long SMS; when all are there they become one reply."""

    phone = models.BinaryField(default=b"")  # sealed
    phone_index = models.BinaryField()
    destination = models.CharField(max_length=32)
    reference = models.IntegerField()
    total = models.SmallIntegerField()
    number = models.SmallIntegerField()
    content = models.BinaryField()  # sealed: coding byte and the bytes in hexadecimal
    received_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True)  # when all were there and became a reply

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["phone_index", "destination", "reference", "total", "number"],
                name="a_part_comes_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.number}/{self.total}"


class OptOut(models.Model):
    """A phone that wants no more invitations."""

    phone_index = models.BinaryField(unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.at)


class Notice(models.Model):
    """Something that waits for an office.

    The holders of a right in exactly this region, or in a department; or one person.
    """

    office = models.BigIntegerField()
    right = models.CharField(max_length=20)
    department_id = models.IntegerField(null=True)
    user_id = models.BigIntegerField(null=True)  # for this person, whatever their post
    topic = models.CharField(max_length=20)  # rules.Topic
    subject_id = models.BigIntegerField()  # an order
    label = models.CharField(max_length=60)  # its number: never words of a citizen
    # what it is about, whose it is and by when, as it was then
    about = models.CharField(max_length=80, default="", blank=True)
    unit = models.CharField(max_length=80, default="", blank=True)
    due_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["office", "department_id", "id"], name="notices_of_an_office"),
            models.Index(
                fields=["user_id", "id"],
                condition=models.Q(user_id__isnull=False),
                name="notices_of_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.label}"


class Seen(models.Model):
    """Up to which notice somebody has looked."""

    user_id = models.BigIntegerField(unique=True)
    notice_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.user_id} {self.notice_id}"


class Contact(models.Model):
    """Where an office wants to be told outside the platform, and up to which notice it was."""

    office = models.BigIntegerField()
    department_id = models.IntegerField(null=True)
    way = models.CharField(max_length=10)  # rules.Way
    address = models.BinaryField()  # sealed
    sent_to = models.BigIntegerField()
    told_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    added_by = models.BigIntegerField()
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    secret = models.BinaryField(null=True)  # of a webhook's receiver, sealed
    earlier_secret = models.BinaryField(null=True)  # the one before, sealed
    renewed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.office} {self.way}"
