"""What an order adds to the figures, as SQL over the orders as they stand."""

from haochaping.kernel.moments import LOCAL
from haochaping.orders.rules import Satisfaction, State, Verb

# the stretches of the loop whose length is measured: name → from, to
STRETCHES = {
    "dispatching": ("opened_at", "dispatched"),
    "signing": ("dispatched", "signed"),
    "verifying": ("signed", "verified"),
    "rectifying": ("verified", "rectified"),
    "answering": ("opened_at", "replied"),
    "calling": ("replied", "called"),
}
_MOVES = {
    "dispatched": (Verb.DISPATCH,),
    "signed": (Verb.SIGN,),
    "verified": (Verb.UPHOLD, Verb.DISMISS),
    "rectified": (Verb.RECTIFY,),
    "replied": (Verb.REPLY,),
    "called": (Verb.CALL_BACK,),
}
_TIMES = ", ".join(
    f"min(at) FILTER (WHERE move IN ({', '.join(repr(str(one)) for one in moves)})) AS {name}"
    for name, moves in _MOVES.items()
)
_ASKED = ", ".join(
    f"'{one}'" for one in (Satisfaction.SATISFIED, Satisfaction.UNSATISFIED, Satisfaction.BEYOND)
)
# since the clock was started last: what was done before the order was opened again is not enough
_CLOCK = "COALESCE(dispatched_at, opened_at)"
BUCKET = 1.05  # each is so many times as long as the one before: quantiles are right to 2.5 %


def _stretch(name: str) -> str:
    """Return SQL for the bucket of a stretch's length, null where it is not over."""
    since, until = STRETCHES[name]
    minutes = f"GREATEST(extract(epoch FROM {until} - {since}) / 60, 1)"
    bucket = f"floor(ln({minutes}) / ln({BUCKET}))::smallint"
    # a stretch that is not over is none: GREATEST passes over what is not there
    return f"CASE WHEN {until} >= {since} THEN {bucket} END AS {name}"


_STRETCHES = ", ".join(_stretch(name) for name in STRETCHES)


def _day(moment: str) -> str:
    return f"({moment} AT TIME ZONE '{LOCAL}')::date"


def counted(ids: str) -> str:
    """Return SQL for what the figures count of the orders in a set of ids, as they stand now.

    Flags are 0 or 1; a limit's day is null until the limit is set; stretches are in buckets of
    calendar time, the first time each was walked. `replied` and `rectified` are those of the clock
    that runs; `reached` are the called whom somebody spoke with.
    """
    return f"""
      SELECT orders.id AS order_id, {_day("opened_at")} AS opened_day,
             (orders.region / 1000000)::int AS county, orders.city, orders.department_id,
             (state <> '{State.OPENED}')::int AS dispatched, (upheld IS NOT NULL)::int AS verified,
             COALESCE(upheld, false)::int AS upheld,
             COALESCE((last_rectified >= {_CLOCK})::int, 0) AS rectified,
             COALESCE((replied_at >= {_CLOCK})::int, 0) AS replied,
             (satisfaction IS NOT NULL)::int AS called,
             COALESCE((satisfaction IN ({_ASKED}))::int, 0) AS reached,
             COALESCE((satisfaction = '{Satisfaction.SATISFIED}')::int, 0) AS satisfied,
             (state = '{State.CLOSED}')::int AS closed, reopened, declined AS returned,
             extended::int AS extended, objected::int AS objected,
             orders.set_aside::int AS objections_upheld,
             {_day("answer_due_at")} AS answer_due_day,
             COALESCE((replied_at BETWEEN {_CLOCK} AND answer_due_at)::int, 0) AS replied_in_time,
             COALESCE((last_rectified BETWEEN {_CLOCK} AND answer_due_at)::int, 0)
               AS rectified_in_time,
             {_day("call_due_at")} AS call_due_day, {_STRETCHES}
        FROM orders_order AS orders CROSS JOIN LATERAL (
          SELECT {_TIMES}, max(at) FILTER (WHERE move = '{Verb.RECTIFY}') AS last_rectified
            FROM orders_step WHERE order_id = orders.id
        ) AS steps
       WHERE orders.id IN ({ids})
    """  # noqa: S608 - names of ours


ALL = "SELECT id FROM orders_order"
