"""What the back-office's form about QR codes sends."""

from collections.abc import Mapping

from haochaping.invitations import rules


def kind(form: Mapping[str, str], otherwise: rules.Place = rules.Place.WINDOW) -> rules.Place:
    """Return the kind of code that is asked for."""
    asked = form.get("kind", "")
    return rules.Place(asked) if asked in rules.Place else otherwise
