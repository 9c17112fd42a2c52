"""What the back-office's forms about codes and devices send."""

from collections.abc import Mapping

from django.http import QueryDict

from haochaping.invitations import rules
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words


class NothingChosen(Refusal):
    """No place was ticked."""

    code = "nothing_chosen"
    says = Words("请先勾选至少一项。", "Tick at least one.")


def kind(form: Mapping[str, str], otherwise: rules.Place = rules.Place.WINDOW) -> rules.Place:
    """Return the kind of code that is asked for."""
    asked = form.get("kind", "")
    return rules.Place(asked) if asked in rules.Place else otherwise


def device_kind(form: Mapping[str, str]) -> rules.DeviceKind:
    """Return the kind of device that is to be paired."""
    asked = form.get("device", "")
    return rules.DeviceKind(asked) if asked in rules.DeviceKind else rules.DeviceKind.TABLET


def chosen(form: QueryDict, name: str) -> list[int]:
    """Return the ticked ids; raises NothingChosen."""
    ids = [int(text) for text in form.getlist(name) if text.isdecimal() and len(text) < 10]  # noqa: PLR2004 - an id of the directory
    if not ids:
        raise NothingChosen
    return ids[:500]
