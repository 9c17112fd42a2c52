"""Keeping filters of lists."""

from django.http import HttpResponse
from django.http.request import QueryDict
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_POST

from haochaping.identity import actions
from haochaping.identity.queries import OfficeRequest
from haochaping.kernel.errors import NotFound

_NO_FILTER = ("page", "after", "before", "as")  # where one is in a list, and in which form


@require_POST
def keep(request: OfficeRequest) -> HttpResponse:
    """Keep the filter of a list under a name, or drop one; then show the list."""
    sent, by = request.POST, request.person.id
    path, asked = sent.get("path", ""), QueryDict(sent.get("query", "")[:2000], mutable=True)
    try:
        resolve(path)
    except Resolver404:
        raise NotFound from None
    for name in _NO_FILTER:
        asked.pop(name, None)
    query = "&".join(part for part in asked.urlencode().split("&") if not part.endswith("="))
    if "drop" in sent:
        actions.drop_filter(path=path, name=sent["drop"], by=by)
    else:
        actions.keep_filter(path=path, name=sent.get("name", ""), query=query, by=by)
    return redirect(f"{path}?{query}")
