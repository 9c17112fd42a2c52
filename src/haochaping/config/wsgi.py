"""The pages, for gunicorn or any WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haochaping.config.settings")
application = get_wsgi_application()

from haochaping.kernel import pages  # noqa: E402 - after Django is set up

pages.warm()
