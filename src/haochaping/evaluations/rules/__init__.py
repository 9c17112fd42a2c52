"""What a rating 评价 must be, and how it is written in the national field names."""

from haochaping.evaluations.rules.national import COLUMNS, DIALECTS, from_national
from haochaping.evaluations.rules.rating import (
    BAD,
    CHANNELS,
    CODE_DIGITS,
    HISTORY,
    MAX_CODES,
    MAX_WORDS,
    ON_SITE,
    REFUSALS,
    AlreadyRated,
    BadRating,
    Channel,
    DeviceGiven,
    Given,
    Kind,
    Outcome,
    Rater,
    Rating,
    accept,
    check_codes,
    check_rater,
    check_words,
    is_bad,
    phone_number,
    refusal,
)
from haochaping.evaluations.rules.reply import Meaning, Reply, parse_reply
from haochaping.evaluations.rules.stamps import REPLACED, handed_in
from haochaping.evaluations.rules.trail import TRAIL
