"""What the citizen's form sends."""

from django.http import QueryDict

from haochaping.evaluations import rules
from haochaping.kernel.numbers import whole, wholes


def read(
    form: QueryDict,
    *,
    project_no: str,
    service_number: int,
    kind: rules.Kind,
    channel: rules.Channel,
) -> rules.Given:
    """Turn the form into a rating to be checked.

    Codes are read for the chosen level only: others may be ticked but hidden.
    """
    level = form.get("level", "")
    codes = wholes(form.getlist(f"codes{level}"), digits=rules.CODE_DIGITS)
    return rules.Given(
        project_no=project_no,
        service_number=service_number,
        level=whole(level, digits=1) or 0,
        channel=channel,
        kind=kind,
        codes=codes,
        words=form.get("words", "").replace("\r\n", "\n"),
        rater=rules.Rater(phone=rules.phone_number(form.get("phone", ""))),
    )
