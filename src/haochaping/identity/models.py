"""People, grants and client systems."""

from datetime import date
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person who signs in. `first_name` holds the whole name; the post comes with the grant."""

    must_change = models.BooleanField(default=False)  # the password is temporary
    password_at = models.DateTimeField(
        null=True
    )  # since when it holds; none: since the account does
    totp_secret = models.BinaryField(null=True)  # sealed; of the second factor
    totp_since = models.DateTimeField(null=True)  # when its first code was right: it holds
    subject = models.CharField(max_length=300, blank=True)  # who they are to the identity provider
    totp_step = models.BigIntegerField(default=0)  # the last that was used: a code works once
    # filters of lists that they keep 常用筛选, by the list's path and by name; here, for the row is
    # read with every page
    filters = models.JSONField(default=dict)

    class Meta(AbstractUser.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject"], condition=~models.Q(subject=""), name="one_person_a_subject"
            )
        ]


class Grant(models.Model):
    """The post a person holds.

    A role within a region and, for a department's people, within a department. One each.
    """

    user = models.OneToOneField(User, on_delete=models.PROTECT)
    role = models.CharField(max_length=20)  # key of rules.ROLES
    region = models.BigIntegerField()  # 12-digit code
    department_id = models.IntegerField(null=True)
    window_id = models.IntegerField(null=True)  # of a clerk
    by = models.BigIntegerField(default=0)  # who proposed it
    waits = models.BooleanField(default=False)  # for a second person: until then it gives nothing
    until = models.DateField(null=True)  # the last day on which it holds; none: for good
    # another post, by the names of these fields: the present one holds until it is confirmed
    proposed = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.region}"

    @property
    def proposer(self) -> int | None:
        """Who proposed what waits for a second person; None where nothing does."""
        return self.proposed["by"] if self.proposed else self.by if self.waits else None

    def is_over(self, day: date) -> bool:
        """Say whether it holds no longer on a day."""
        return self.until is not None and self.until < day


class RecoveryCode(models.Model):
    """A code that stands in for the second factor, once, when the telephone is lost."""

    user = models.ForeignKey(User, on_delete=models.PROTECT)
    code_hash = models.BinaryField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user"], name="recovery_codes_of_user")]

    def __str__(self) -> str:
        return str(self.pk)


class Session(models.Model):
    """Somebody signed in somewhere: until it is ended, idle too long, or a working day old."""

    user = models.ForeignKey(User, on_delete=models.PROTECT)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=200, blank=True)
    factors = models.SmallIntegerField(default=1)  # 2: with a code

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["user", "-began_at"],
                condition=models.Q(ended_at=None),
                name="open_sessions_of_user",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.began_at}"


class SignInFailure(models.Model):
    """A failed sign-in by account and address."""

    account = models.CharField(max_length=150)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["account", "at"], name="sign_in_failure_account")]

    def __str__(self) -> str:
        return self.account


class ApiClient(models.Model):
    """A department's or city's system that calls us."""

    name = models.CharField(max_length=100, unique=True)
    region = models.BigIntegerField()  # it may write only within
    # credit codes of the departments that it may name; none: every one of its region
    departments = models.JSONField(default=list)
    everybodys = models.BooleanField(default=False)  # works on what other systems registered, too
    contact = models.CharField(max_length=100, blank=True)  # who answers for it
    # a platform with which we exchange in its own way, or ourselves: no integrator to be led
    partner = models.BooleanField(default=False)
    # from which it may call, as `10.1.2.0/24`; none: from everywhere
    networks = models.JSONField(default=list)
    per_minute = models.IntegerField(null=True)  # calls; none: as the site says
    # of who connected it: its keys are good once another person has started it
    made_by = models.BigIntegerField(default=0)
    waits_since = models.DateTimeField(null=True)
    # more that it may do (`departments`, `everybodys`, and `by` whom), once another person agrees
    proposed = models.JSONField(null=True)

    def __str__(self) -> str:
        return self.name


class ApiKey(models.Model):
    """A key of a client system.

    Several may be valid at once, so that keys rotate without downtime.
    """

    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT)
    kid = models.CharField(max_length=32, unique=True)
    algorithm = models.CharField(max_length=10)  # sha256 | sm3
    secret = models.BinaryField()  # sealed
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.kid
