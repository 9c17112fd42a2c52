"""What ratings add to the figures, as SQL over facts of the feed.

Facts `(kind, ref)` are never changed, so what one adds is the same whenever it is counted: by the
fold, by a live read of what is not folded yet, and by a recount. Each row is looked up by its key
(`OFFSET 0`): as a plain join over a few facts it was a hash join over the whole table.
"""

from haochaping.feed.rules import Kind
from haochaping.kernel.moments import LOCAL
from haochaping.records import queries as records
from haochaping.records.rules import Origin

_DIMENSIONS = """rating.county, rating.city, rating.department_id, rating.item_id,
             rating.window_id, rating.staff_id, COALESCE(whom.party, 1) AS party"""


def _looked_up(facts: str) -> str:
    """Return the FROM of facts, each with its rating and who was served."""
    return f"""{facts} AS feed (kind, ref)
        CROSS JOIN LATERAL (
          SELECT * FROM evaluations_evaluation WHERE id = feed.ref OFFSET 0
        ) AS rating
        LEFT JOIN LATERAL {records.served_whom("rating")} AS whom ON true"""  # noqa: S608


_ASIDE = f"""(feed.kind = {Kind.SET_ASIDE:d})::int - (feed.kind = {Kind.RESTORED:d})::int
               AS aside"""
_LAST = "COALESCE(replaced.codes, rating.codes)"
_CODES = f"""CASE WHEN feed.kind = {Kind.RATING:d} THEN rating.codes ELSE '{{}}' END AS codes,
             CASE feed.kind WHEN {Kind.SET_ASIDE:d} THEN {_LAST}
                            WHEN {Kind.REPLACED:d} THEN rating.codes ELSE '{{}}' END AS codes_gone,
             CASE feed.kind WHEN {Kind.REPLACED:d} THEN replaced.codes
                            WHEN {Kind.RESTORED:d} THEN {_LAST} ELSE '{{}}' END AS codes_come"""


def changes(facts: str) -> str:
    """Return SQL for what facts `(kind, ref)` of the feed change in the figures of ratings.

    Columns: day, place, department, item, window, staff, party (1 a person, 2 an enterprise or
    another body), channel, hour; sign and level (0: none); gone and come, levels that the adjusted
    figures leave out and take in instead; follow_up, improved, worsened, aside; codes, codes_gone,
    codes_come. Synthetic tests of a channel never count. A rating that was set aside or replaced
    stays in the raw figures; one that was restored takes back what setting it aside did.
    """
    return f"""
      SELECT COALESCE(follow.day, rating.day) AS day, {_DIMENSIONS},
             COALESCE(follow.channel, rating.channel) AS channel,
             extract(hour FROM rating.rated_at AT TIME ZONE '{LOCAL}')::smallint AS hour,
             CASE WHEN feed.kind = {Kind.RATING:d} THEN rating.sign ELSE 0 END AS sign,
             CASE WHEN feed.kind = {Kind.RATING:d} THEN rating.level ELSE 0 END AS level,
             CASE feed.kind WHEN {Kind.SET_ASIDE:d} THEN COALESCE(replaced.level, rating.level)
                            WHEN {Kind.REPLACED:d} THEN rating.level ELSE 0 END AS gone,
             CASE feed.kind WHEN {Kind.REPLACED:d} THEN replaced.level
                            WHEN {Kind.RESTORED:d} THEN COALESCE(replaced.level, rating.level)
                            ELSE 0 END AS come,
             (feed.kind = {Kind.FOLLOW_UP:d})::int AS follow_up,
             COALESCE((follow.level > rating.level)::int, 0) AS improved,
             COALESCE((follow.level < rating.level)::int, 0) AS worsened,
             {_ASIDE}, {_CODES}
        FROM {_looked_up(facts)}
        LEFT JOIN LATERAL (
          SELECT day, channel, level FROM evaluations_followup
           WHERE feed.kind = {Kind.FOLLOW_UP:d} AND evaluation_id = feed.ref OFFSET 0
        ) AS follow ON true
        LEFT JOIN LATERAL (
          SELECT level, codes FROM evaluations_replacement
           WHERE feed.kind IN ({Kind.SET_ASIDE:d}, {Kind.REPLACED:d}, {Kind.RESTORED:d})
             AND evaluation_id = feed.ref OFFSET 0
        ) AS replaced ON true
       WHERE feed.kind IN ({Kind.RATING:d}, {Kind.FOLLOW_UP:d}, {Kind.SET_ASIDE:d},
                           {Kind.REPLACED:d}, {Kind.RESTORED:d})
         AND rating.origin <> {Origin.SYNTHETIC:d}
         AND (feed.kind <> {Kind.FOLLOW_UP:d} OR follow.day IS NOT NULL)
    """  # noqa: S608 - names of ours


def rated_services(facts: str) -> str:
    """Return SQL for the registered services that were rated among facts of the feed.

    Columns: day of the service, place, department, item, window, staff, party, sign.
    """
    return f"""
      SELECT rating.service_day AS day, {_DIMENSIONS}, rating.sign
        FROM {_looked_up(facts)}
       WHERE feed.kind = {Kind.RATING:d} AND rating.origin = {Origin.REGISTERED:d}
    """  # noqa: S608 - names of ours


def raters(facts: str) -> str:
    """Return SQL for who rated: day of the rating, city, and a blind key of the person.

    Whoever left no name and whose service named no phone cannot be told apart and is left out.
    """
    return f"""
      SELECT rating.day, rating.city, COALESCE(rating.rater_index, whom.phone_index) AS person
        FROM {_looked_up(facts)}
       WHERE feed.kind = {Kind.RATING:d} AND rating.origin <> {Origin.SYNTHETIC:d}
         AND COALESCE(rating.rater_index, whom.phone_index) IS NOT NULL
    """  # noqa: S608 - names of ours


def facts_of(since: str, until: str) -> str:
    """Return SQL for all facts `(kind, ref)` that add something to the business days from one
    expression to another: what a recount counts.
    """
    days = f"BETWEEN {since} AND {until}"
    changed = "SELECT {}, evaluation_id FROM {} AS changed JOIN evaluations_evaluation AS rating ON"
    changed += f" rating.id = changed.evaluation_id AND rating.day {days}"
    return f"""
      SELECT {Kind.RATING:d} AS kind, id AS ref FROM evaluations_evaluation
       WHERE day {days} OR service_day {days}
      UNION ALL SELECT {Kind.FOLLOW_UP:d}, evaluation_id FROM evaluations_followup WHERE day {days}
      UNION ALL {changed.format(f"{Kind.SET_ASIDE:d}", "evaluations_setaside")}
      UNION ALL {changed.format(f"{Kind.REPLACED:d}", "evaluations_replacement")}
      UNION ALL {changed.format(f"{Kind.RESTORED:d}", "evaluations_restored")}
    """  # noqa: S608 - names of ours
