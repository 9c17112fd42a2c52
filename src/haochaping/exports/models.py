"""Exports and the parts of their files."""

from typing import ClassVar

from django.db import models


class Export(models.Model):
    """A list as somebody saw it, to be made into a file; kept for its term."""

    user_id = models.BigIntegerField()
    region = models.BigIntegerField()  # of the person, for the trail
    title = models.CharField(max_length=80)
    path = models.CharField(max_length=200)
    query = models.CharField(max_length=2000, blank=True)
    form = models.CharField(max_length=4)  # key of rules.FORMS
    state = models.CharField(max_length=8)  # value of rules.State
    lines = models.BigIntegerField(default=0)  # written until now
    size = models.BigIntegerField(default=0)  # bytes
    says = models.CharField(max_length=300, blank=True)  # why it failed
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user_id", "-id"], name="exports_of_a_person")]

    def __str__(self) -> str:
        return f"{self.title} {self.form}"


class Part(models.Model):
    """A piece of a file: in the database, for the worker and the pages may be two machines."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE)
    no = models.IntegerField()
    data = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["export", "no"], name="one_part_of_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.export_id} {self.no}"
