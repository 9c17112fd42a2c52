"""Blanking whom services were for: one, because they ask; all of them, when their term is over."""

from datetime import datetime, timedelta

from haochaping.kernel.db import rows
from haochaping.kernel.ids import first_key, moment_of
from haochaping.kernel.moments import begin_of, business_day
from haochaping.retention import actions as keep_terms
from haochaping.retention import queries as retention


def erase(*, record_id: int) -> None:
    """Blank name and telephone number of whom a service was for, and its office's own fields. The
    keyed number by which people are counted stays: it is no telephone number any more.
    """
    rows("SELECT hcp_erase_applicant($1)", record_id)


_NIGHTLY = 60  # days that one night blanks, when a shorter term was agreed
_ANY = "SELECT min(id) AS id FROM records_record"
_BLANK = """
SELECT count(hcp_erase_applicant(id)) AS n FROM records_record
 WHERE id >= $1 AND id < $2 AND (applicant_name IS NOT NULL OR phone IS NOT NULL)
"""


def forget_applicants(*, before: datetime) -> int:
    """Blank whom services were for that were served before a moment; return of how many. It goes
    on from the day to which it came the last time.
    """
    done, first = retention.blanked_to("applicants"), rows(_ANY)[0]["id"]
    if done is None and first is None:
        return 0
    day = done + timedelta(days=1) if done else business_day(moment_of(first))
    until, blanked = business_day(before), 0
    for _ in range(_NIGHTLY):
        if day >= until:
            break
        keys = (first_key(begin_of(one)) for one in (day, day + timedelta(days=1)))
        blanked += rows(_BLANK, *keys)[0]["n"]
        keep_terms.note_blanked(key="applicants", day=day)
        day += timedelta(days=1)
    return blanked
