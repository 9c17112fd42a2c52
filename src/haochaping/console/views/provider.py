"""Signing in with the identity provider: away to it, and back."""

from dataclasses import asdict

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from haochaping.console.partners import oidc
from haochaping.console.views import door
from haochaping.identity import actions as identity
from haochaping.kernel import clock
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

_ASKED = "oidc"
_UNKNOWN = Words(
    "身份已确认，但本平台没有对应的账号，请联系本单位管理员。",
    "You are who you say, but have no account here; ask your administrator.",
)


def leave(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider."""
    one = _provider()
    try:
        address, asked = oidc.ask(one, _back())
    except Refusal as refusal:
        return door.shown(request, refusal)
    request.session[_ASKED] = [asdict(asked), request.GET.get("next", "/admin/")[:500]]
    return HttpResponseRedirect(address)


def come_back(request: HttpRequest) -> HttpResponse:
    """Let in whom the provider confirms. What was asked is good for one answer."""
    one, at = _provider(), clock.now()
    asked, target = request.session.pop(_ASKED, (None, "/admin/"))
    try:
        if asked is None:
            raise oidc.NotConfirmed
        found = oidc.confirm(one, oidc.Asked(**asked), request.GET.dict(), _back(), at)
        user_id = identity.known_as(account=found.account, subject=found.subject, at=at)
        if user_id is None:
            raise Refusal(_UNKNOWN)
    except Refusal as refusal:
        return door.shown(request, refusal)
    user = get_user_model().objects.get(pk=user_id)
    return door.pass_on(request, user, target, strong=found.strong)


def _provider() -> oidc.Provider:
    one = oidc.provider(settings.OIDC)
    if one is None:
        raise Http404
    return one


def _back() -> str:
    return settings.PUBLIC_URL + reverse("console:come_back")
