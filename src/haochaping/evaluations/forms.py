"""What the citizen's form sends."""

from django.http import QueryDict

from haochaping.evaluations import rules


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
    codes = [
        # Codes have three digits.
        int(code)
        for code in form.getlist(f"codes{level}")
        if code.isdecimal() and len(code) <= 4  # noqa: PLR2004
    ]
    return rules.Given(
        project_no=project_no,
        service_number=service_number,
        level=int(level) if level.isdecimal() and len(level) == 1 else 0,
        channel=channel,
        kind=kind,
        codes=codes,
        words=form.get("words", "").replace("\r\n", "\n"),
        rater=rules.Rater(phone=rules.phone_number(form.get("phone", ""))),
    )
