"""Tables of themes."""

from typing import ClassVar

from django.db import models


class Theme(models.Model):
    """A set of items, kept by an office: for its region and everything below."""

    kind = models.CharField(max_length=10)  # rules.Kind
    name = models.CharField(max_length=40)
    region = models.BigIntegerField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "name", "region"],
                condition=models.Q(retired_at=None),
                name="a_theme_has_a_name_of_its_own",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Part(models.Model):
    """An item of a theme, by its basic code, so that one part means the same matter everywhere; of
    a package it is a step, in order.
    """

    theme = models.ForeignKey(Theme, on_delete=models.CASCADE)
    place = models.SmallIntegerField()
    basis = models.CharField(max_length=12)
    name = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["theme", "basis"], name="an_item_once_in_a_theme")
        ]

    def __str__(self) -> str:
        return self.name
