"""Every read of ratings."""

from haochaping.evaluations.queries.committing import (
    KEYS,
    follow_ups_to_commit,
    replacements_to_commit,
    said_later,
    to_commit,
    unlike_handed_in,
    verdicts_to_commit,
    written_since,
)
from haochaping.evaluations.queries.counting import changes, facts_of, rated_services, raters
from haochaping.evaluations.queries.detecting import cities_rated, for_detectors, there
from haochaping.evaluations.queries.lists import Filter, every, page, praised
from haochaping.evaluations.queries.ratings import (
    PARTITIONED,
    RATINGS,
    SEALED,
    Complaint,
    Rated,
    Replaced,
    all_bad,
    any_bad,
    arrived,
    bad_follow_ups,
    bad_with_words,
    follow_up,
    key_of_raters_code,
    key_of_tracking,
    last_received,
    late,
    masked,
    masked_all,
    masked_for,
    names_of,
    of_facts,
    phone_of,
    rated,
    replacement,
    settled,
    to_screen,
    unrated_at_windows,
    words_of,
)
from haochaping.evaluations.queries.unrated import OPEN_FOR, Unrated, Wanted, unrated
