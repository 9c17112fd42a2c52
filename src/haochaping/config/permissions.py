"""Who may open which page.

A route that is not in this table is refused: deny by default. docs/permissions.md is generated from
it.
"""

from collections.abc import Mapping
from enum import Enum, auto

from haochaping.identity.rules import Right


class Door(Enum):
    """Routes that need no post."""

    PUBLIC = auto()  # anybody
    TOKEN = auto()  # whoever holds the secret link
    SIGNED_IN = auto()  # anybody with an account and a post


ROUTES: Mapping[str, Right | Door] = {
    "portal:home": Door.PUBLIC,
    "portal:language": Door.PUBLIC,
    "portal:try": Door.PUBLIC,  # answers 404 outside a demonstration
    "portal:find": Door.PUBLIC,
    "portal:health": Door.PUBLIC,
    "portal:widget": Door.PUBLIC,
    "portal:try_widget": Door.PUBLIC,
    "sandbox:home": Door.PUBLIC,
    "sandbox:guide": Door.PUBLIC,
    "sandbox:sample": Door.PUBLIC,
    "sandbox:example": Door.PUBLIC,
    "sandbox:system": Door.TOKEN,
    "sandbox:call": Door.TOKEN,
    "evaluations:rate": Door.TOKEN,
    "devices:kiosk": Door.PUBLIC,
    "devices:worker": Door.PUBLIC,
    "devices:pair": Door.TOKEN,  # six digits
    "devices:state": Door.TOKEN,  # signed by the device
    "devices:lapse": Door.TOKEN,
    "evaluations:devices": Door.TOKEN,
    "accounts:people": Right.SEE_PEOPLE,
    "accounts:person": Right.SEE_PEOPLE,
    "accounts:roles": Right.SEE_PEOPLE,
    "accounts:new": Right.KEEP_PEOPLE,
    "accounts:change": Right.KEEP_PEOPLE,
    "accounts:decide": Right.CONFIRM_PEOPLE,
    "accounts:own": Door.SIGNED_IN,
    "accounts:factor": Door.SIGNED_IN,
    "accounts:keep_filter": Door.SIGNED_IN,
    "accounts:end_session": Door.SIGNED_IN,
    "accounts:keys": Right.KEEP_KEYS,
    "accounts:change_key": Right.KEEP_KEYS,
    "console:help": Door.SIGNED_IN,
    "exports:list": Door.SIGNED_IN,
    "exports:new": Door.SIGNED_IN,  # the page that is exported asks for its own right
    "exports:file": Door.SIGNED_IN,
    "calls:log": Right.EXCHANGE,
    "calls:board": Right.EXCHANGE,
    "calls:client": Right.EXCHANGE,
    "calls:limit": Right.KEEP_KEYS,
    "accounts:grant": Right.KEEP_KEYS,
    "accounts:decide_grant": Right.EXCHANGE,
    "calls:start": Right.EXCHANGE,
    "calls:another_key": Right.KEEP_KEYS,
    "exchange:channels": Right.SEE_MESSAGES,
    "exchange:hotlines": Right.EXCHANGE,
    "exchange:connect_hotline": Right.KEEP_KEYS,
    "exchange:change_hotline": Right.EXCHANGE,
    "exchange:partners": Right.EXCHANGE,
    "exchange:partner": Right.EXCHANGE,
    "exchange:conventions": Right.EXCHANGE,
    "exchange:tracking": Right.EXCHANGE,
    "exchange:coverage": Right.SEE_DIRECTORY,
    "exchange:selfcheck": Right.SEE_FIGURES,
    "exchange:connect": Right.KEEP_KEYS,
    "exchange:waiting": Right.EXCHANGE,
    "exchange:change": Right.EXCHANGE,
    "exchange:compare_file": Right.EXCHANGE,
    "exchange:renew": Right.KEEP_KEYS,
    "exchange:messages": Door.TOKEN,  # signed
    "exchange:compare": Door.TOKEN,  # signed
    "exchange:hotline": Door.TOKEN,  # signed
    "exchange:cti": Door.TOKEN,  # signed
    "exchange:shandong": Door.TOKEN,  # signed
    "exchange:fujian_token": Door.TOKEN,
    "exchange:fujian": Door.TOKEN,
    "exchange:zhejiang": Door.TOKEN,  # the address holds the secret
    "exchange:anhui": Door.TOKEN,
    "exchange:anhui_status": Door.TOKEN,
    "portal:short": Door.TOKEN,
    "portal:scan": Door.PUBLIC,
    "portal:progress": Door.TOKEN,
    "evaluations:more": Door.TOKEN,
    "evaluations:change": Door.TOKEN,
    "portal:judge": Door.TOKEN,
    "portal:proof": Door.TOKEN,
    "privacy:mine": Door.TOKEN,
    "privacy:list": Right.PRIVACY,
    "privacy:decide": Right.PRIVACY,
    "publication:figures": Door.PUBLIC,
    "publication:data": Door.PUBLIC,
    "publication:areas": Door.PUBLIC,
    "publication:area": Door.PUBLIC,
    "publication:departments": Door.PUBLIC,
    "publication:department": Door.PUBLIC,
    "publication:items": Door.PUBLIC,
    "publication:item": Door.PUBLIC,
    "publication:cases": Door.PUBLIC,
    "publication:case": Door.PUBLIC,
    "publication:hung": Door.PUBLIC,
    "publication:package": Door.PUBLIC,
    "publication:search": Door.PUBLIC,
    "publication:datasets": Door.PUBLIC,
    "publication:dataset": Door.PUBLIC,
    "publication:method": Door.PUBLIC,
    "publication:status": Door.PUBLIC,
    "publication:accessibility": Door.PUBLIC,
    "publication:atom": Door.PUBLIC,
    "publication:board": Right.PUBLISH,
    "publication:draft": Right.PUBLISH,
    "publication:change": Right.PUBLISH,
    "publication:change_case": Right.PUBLISH,
    "publication:verify": Door.PUBLIC,
    "publication:ledger": Door.PUBLIC,
    "ledger:file": Door.PUBLIC,  # for mirrors, witnesses and whoever checks
    "console:sign_in": Door.PUBLIC,
    "console:leave": Door.PUBLIC,
    "console:come_back": Door.PUBLIC,
    "console:by_certificate": Door.PUBLIC,  # whom a proxy of ours has checked
    "console:sign_in_code": Door.PUBLIC,  # whose password was right
    "console:sign_out": Door.SIGNED_IN,
    "console:desk": Door.SIGNED_IN,
    "console:find": Door.SIGNED_IN,  # each kind asks for its own right
    "console:ratings": Right.SEE_RATINGS,
    "console:rating": Right.SEE_RATINGS,
    "console:unrated": Right.SEE_RATINGS,
    "console:dictionaries": Right.SEE_DIRECTORY,
    "console:audit": Right.SEE_AUDIT,
    "console:verify_trail": Right.SEE_AUDIT,
    "announcements:public": Door.PUBLIC,
    "announcements:list": Door.SIGNED_IN,
    "announcements:propose": Right.ANNOUNCE,
    "announcements:decide": Right.ANNOUNCE,
    "rosters:week": Right.SEE_DIRECTORY,
    "rosters:change": Right.KEEP_DIRECTORY,
    "rosters:take": Right.KEEP_DIRECTORY,
    "rosters:undo": Right.KEEP_DIRECTORY,
    "retention:terms": Right.KEEP_RETENTION,
    "retention:propose": Right.KEEP_RETENTION,
    "retention:decide": Right.KEEP_RETENTION,
    "console:running": Right.RUN_SYSTEM,
    "console:retry_job": Right.RUN_SYSTEM,
    "console:clerk": Right.CALL,
    "console:call": Right.CALL,
    "invitations:codes": Right.SEE_DIRECTORY,
    "invitations:code": Right.SEE_DIRECTORY,
    "invitations:make_codes": Right.KEEP_DIRECTORY,
    "invitations:disable_code": Right.KEEP_DIRECTORY,
    "devices:list": Right.SEE_DIRECTORY,
    "devices:offer_pairing": Right.KEEP_DIRECTORY,
    "devices:move": Right.KEEP_DIRECTORY,
    "devices:disable": Right.KEEP_DIRECTORY,
    "devices:enable": Right.KEEP_DIRECTORY,
    "notifications:messages": Right.SEE_MESSAGES,
    "notifications:templates": Right.SEE_MESSAGES,
    "notifications:change_template": Right.KEEP_POLICY,
    "notifications:hook": Door.TOKEN,  # the address holds the secret
    "orders:list": Right.SEE_ORDERS,
    "orders:one": Right.SEE_ORDERS,
    "orders:move": Right.SEE_ORDERS,  # the action asks for the move's own right
    "orders:phone": Right.CALL_BACK,
    "orders:bulk": Right.SEE_ORDERS,  # as above
    "orders:sheet": Right.SEE_ORDERS,
    "orders:attach": Right.SEE_ORDERS,
    "orders:file": Right.SEE_ORDERS,
    "supervision:board": Right.SEE_BOARD,
    "policies:list": Right.SEE_ORDERS,  # everybody may know the rules
    "policies:one": Right.SEE_ORDERS,
    "policies:propose": Right.KEEP_POLICY,
    "policies:decide": Right.KEEP_POLICY,
    "calendar:year": Right.SEE_ORDERS,
    "calendar:change": Right.KEEP_POLICY,
    "calendar:decide": Right.KEEP_POLICY,
    "upstream:list": Right.SEE_DIRECTORY,
    "upstream:connect": Right.KEEP_DIRECTORY,
    "upstream:source": Right.SEE_DIRECTORY,
    "upstream:change": Right.KEEP_DIRECTORY,
    "upstream:upload": Right.KEEP_DIRECTORY,
    "upstream:decide": Right.KEEP_DIRECTORY,
    "routing:list": Right.KEEP_POLICY,
    "routing:change": Right.KEEP_POLICY,
    "texts:list": Right.HANDLE,
    "texts:change": Right.HANDLE,
    "notifications:notices": Door.SIGNED_IN,
    "notifications:contacts": Right.SEE_ORDERS,
    "callbacks:phone": Right.CALL_BACK,
    "callbacks:rate": Right.CALL_BACK,
    "callbacks:calls": Right.CALL_BACK,
    "callbacks:take": Right.CALL_BACK,
    "callbacks:note": Right.CALL_BACK,
    "callbacks:answer": Right.CALL_BACK,
    "screening:holds": Right.SCREEN,
    "screening:decide": Right.SCREEN,
    "screening:words": Right.SCREEN,
    "screening:change_word": Right.SCREEN,
    "screening:try_words": Right.SCREEN,
    "detection:list": Right.SCREEN,
    "detection:judge": Right.SCREEN,
    "detection:catalogue": Right.SEE_FIGURES,  # what is looked for is no secret
    "detection:one": Right.SEE_ORDERS,  # a department sees its own once they are decided
    "detection:appeal": Right.HANDLE,
    "problems:list": Right.SEE_ORDERS,  # people's words, masked
    "problems:one": Right.SEE_ORDERS,
    "problems:rename": Right.SUPERVISE,
    "problems:hand_off": Right.SUPERVISE,
    "problems:reasons": Right.SEE_ORDERS,
    "problems:judge": Right.SUPERVISE,
    "problems:words": Right.SUPERVISE,
    "problems:campaigns": Right.SEE_ORDERS,
    "problems:campaign": Right.SEE_ORDERS,
    "problems:answer": Right.HANDLE,
    "problems:close": Right.SUPERVISE,
    "insight:overview": Right.SEE_FIGURES,
    "insight:places": Right.SEE_FIGURES,
    "insight:region": Right.SEE_FIGURES,
    "insight:departments": Right.SEE_FIGURES,
    "insight:department": Right.SEE_FIGURES,
    "insight:hall": Right.SEE_FIGURES,
    "insight:window": Right.SEE_FIGURES,
    "insight:item": Right.SEE_FIGURES,
    "insight:loop": Right.SEE_FIGURES,
    "insight:trust": Right.SEE_FIGURES,
    "insight:measures": Right.SEE_FIGURES,
    "reports:list": Right.SEE_FIGURES,
    "reports:new": Right.SEE_FIGURES,
    "reports:change": Right.SEE_FIGURES,
    "reports:one": Right.SEE_FIGURES,
    "insight:themes": Right.SEE_FIGURES,
    "wall": Right.SEE_FIGURES,
    "wall_of": Right.SEE_FIGURES,
    "insight:screen": Right.SEE_FIGURES,
    "insight:screen_of": Right.SEE_FIGURES,
    "insight:screen_state": Right.SEE_FIGURES,
    "insight:screen_live": Right.SEE_FIGURES,
    "lake:part": Right.SEE_RATINGS,
    "lake:part_of_department": Right.SEE_FIGURES,
    "lake:ask": Right.SEE_FIGURES,  # of the whole province: the view asks for it
    "insight:theme": Right.SEE_FIGURES,
    "insight:own_map": Right.SUPERVISE,
    "insight:change_map": Right.SUPERVISE,
    "insight:edit_theme": Right.SUPERVISE,
    "insight:keep_theme": Right.SUPERVISE,
    "insight:retire_theme": Right.SUPERVISE,
    "directory:table": Right.SEE_DIRECTORY,
    "directory:import": Right.KEEP_DIRECTORY,
    "directory:new": Right.KEEP_DIRECTORY,
    "directory:entry": Right.KEEP_DIRECTORY,
    "directory:template": Right.KEEP_DIRECTORY,
    "directory:export": Right.SEE_DIRECTORY,
    "directory:undo": Right.KEEP_DIRECTORY,
    "directory:set_in_use": Right.KEEP_DIRECTORY,
    "directory:propose_closing": Right.KEEP_DIRECTORY,
    "directory:decide_closing": Right.KEEP_DIRECTORY,
    "directory:decide_hours": Right.KEEP_DIRECTORY,
    "directory:set_photo": Right.KEEP_DIRECTORY,
    "devices:photo": Door.PUBLIC,  # who sits at a window is seen by everybody there
    "indicators:catalogue": Right.SEE_DIRECTORY,
    "indicators:begin": Right.KEEP_INDICATORS,
    "indicators:edition": Right.KEEP_INDICATORS,
    "indicators:change": Right.KEEP_INDICATORS,
    "evaluations:preview": Right.KEEP_INDICATORS,
    "devices:preview": Right.KEEP_INDICATORS,
}

# What is looked for here holds personal data and therefore stands in no address: the form is
# posted, and the page is read within the scope as any other.
READ_BY_POST = frozenset({"callbacks:phone"})


def as_markdown() -> str:
    """Return the permission table for docs/permissions.md."""
    from haochaping.identity.rules import ROLES  # noqa: PLC0415 - only the generator needs it

    lines = [
        "# Permissions",
        "",
        "Generated by `make docs` from `config/permissions.py` and `identity/rules.py`.",
        "",
        "## Routes",
        "",
    ]
    lines += ["| route | needs |", "|---|---|"]
    lines += [
        f"| {route} | {access if isinstance(access, Right) else access.name.lower()} |"
        for route, access in ROUTES.items()
    ]
    lines += [
        "",
        "## Roles",
        "",
        "| right | " + " | ".join(role.title.zh for role in ROLES.values()) + " |",
        "|---" * (len(ROLES) + 1) + "|",
    ]
    lines += [
        f"| {right} | "
        + " | ".join("●" if right in role.rights else "" for role in ROLES.values())
        + " |"
        for right in Right
    ]
    return "\n".join(lines) + "\n"
