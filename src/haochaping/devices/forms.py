"""What the back-office's form about devices sends."""

from collections.abc import Mapping

from haochaping.devices import rules


def device_kind(form: Mapping[str, str]) -> rules.DeviceKind:
    """Return the kind of device that is to be paired."""
    asked = form.get("device", "")
    return rules.DeviceKind(asked) if asked in rules.DeviceKind else rules.DeviceKind.TABLET
