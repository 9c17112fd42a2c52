"""What an integrator tries: a system, its keys, what it handed in, and its calls."""

from typing import ClassVar

from django.db import models


class System(models.Model):
    """A system under construction; its page is found by a secret address."""

    name = models.CharField(max_length=60)
    token_hash = models.BinaryField(unique=True)
    address = models.GenericIPAddressField(null=True)  # from which it was asked for
    done = models.JSONField(default=list)  # of rules.STEPS
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["ends_at"], name="sandbox_ends")]

    def __str__(self) -> str:
        return self.name


class Key(models.Model):
    """A key with which a system signs here, and nowhere else."""

    system = models.ForeignKey(System, models.CASCADE)
    kid = models.CharField(max_length=32, unique=True)
    secret = models.BinaryField()  # sealed
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.kid


class Kept(models.Model):
    """A service or a rating that was handed in: what tells it from others, and its content's
    digest. The content itself is not kept.
    """

    system = models.ForeignKey(System, models.CASCADE)
    kind = models.CharField(max_length=10)
    natural_key = models.CharField(max_length=80)
    content = models.BinaryField()
    receipt = models.CharField(max_length=24)
    waited = models.BooleanField(default=False)  # a rating that came before its service
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["system", "kind", "natural_key"], name="sandbox_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.natural_key}"


class Call(models.Model):
    """A request as it came, and what was said to it; the last `rules.CALLS` of each are kept."""

    system = models.ForeignKey(System, models.CASCADE)
    at = models.DateTimeField()
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=300)
    headers = models.JSONField()
    body = models.TextField()
    status = models.SmallIntegerField()
    code = models.CharField(max_length=40, blank=True)
    answer = models.TextField()
    signed_text = models.TextField(blank=True)
    guess = models.CharField(max_length=20, blank=True)  # which mistake explains the signature

    class Meta:
        indexes: ClassVar = [models.Index(fields=["system", "-id"], name="sandbox_calls")]

    def __str__(self) -> str:
        return f"{self.path} {self.status}"
