"""Signing in by the client certificate, SM2 or other, that a proxy of ours has checked."""

from cryptography.x509 import Name
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from haochaping.console.views import door
from haochaping.identity import actions as identity
from haochaping.identity import queries as people
from haochaping.identity.rules import sign_in_wait
from haochaping.kernel import clock
from haochaping.kernel.addresses import CERTIFICATE
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

_NONE = Words(
    "没有读到有效的证书：请插好 UKey 后重试，或用账号密码登录。",
    "No valid certificate was read: plug the key in and try again, or use your password.",
)
_UNKNOWN = Words(
    "证书有效，但本平台没有对应的账号，请联系本单位管理员。",
    "The certificate is valid, but there is no account for it; ask your administrator.",
)


@require_POST
def by_certificate(request: HttpRequest) -> HttpResponse:
    """Let in whom a certificate names: its common name is the account, and the account is bound to
    the whole subject the first time. The key asked for a PIN: that is two factors.
    """
    if not settings.CERTIFICATES:
        raise Http404
    at, target = clock.now(), request.POST.get("next", "/admin/")
    verified, subject = (request.META.get(name, "") for name in CERTIFICATE)
    account = _account(subject) if verified == "SUCCESS" else ""
    if not account:
        return door.shown(request, Refusal(_NONE), target=target)
    address = request.META.get("REMOTE_ADDR")
    if wait := sign_in_wait(people.failures(account, address, at), at):
        return door.shown(request, door.too_often(wait), target=target)
    user_id = identity.known_as(account=account, subject=f"certificate:{subject}"[:300], at=at)
    if user_id is None:
        identity.note_failure(account=account, address=address, at=at)
        return door.shown(request, Refusal(_UNKNOWN), target=target)
    user = get_user_model().objects.get(pk=user_id)
    return door.pass_on(request, user, target, strong=True)


def _account(subject: str) -> str:
    """Return the common name of a subject, "" where it has none, or several."""
    try:
        named = Name.from_rfc4514_string(subject).get_attributes_for_oid(NameOID.COMMON_NAME)
    except ValueError:
        return ""
    return str(named[0].value).strip()[:150] if len(named) == 1 else ""
