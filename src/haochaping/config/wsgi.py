"""The pages, for any WSGI server: templates and routes are read before somebody waits."""

import os
from contextlib import suppress

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haochaping.config.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - after Django is set up
from django.urls import NoReverseMatch, reverse  # noqa: E402 - as above
from django.utils.translation import override  # noqa: E402 - as above

from haochaping.config.permissions import ROUTES  # noqa: E402 - as above
from haochaping.kernel import pages  # noqa: E402 - as above

pages.warm()
# Django keeps a table of each room for each language: one route of it, found or not, has it made
rooms = {route.partition(":")[0]: route for route in ROUTES}
for language, _ in settings.LANGUAGES:
    for route in rooms.values():
        with override(language), suppress(NoReverseMatch):
            reverse(route)
