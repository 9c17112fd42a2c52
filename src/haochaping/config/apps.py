"""Connecting the rooms once Django is ready."""

from django.apps import AppConfig


class FlowConfig(AppConfig):
    """Reads config/flow.py when every room has been loaded."""

    name = "haochaping.config"
    label = "flow"

    def ready(self) -> None:
        """Connect events to tasks."""
        from haochaping.config import flow  # noqa: PLC0415 - tasks need loaded models

        flow.connect()
