"""What is committed to, and how days are closed."""

from haochaping.proofs.rules.books import (
    DEPARTMENT,
    FOLLOW_UP,
    ROW,
    RULES,
    RULES_TEXT,
    SMALLEST,
    Row,
    book,
    read,
    rolled_up,
    table,
)
from haochaping.proofs.rules.canaries import (
    NO_DIGEST,
    NOT_ANNOUNCED,
    OPENED_BEFORE,
    BadCanaries,
    Shopped,
    auditor_of,
    compared,
    digest,
    is_digest,
    read_list,
)
from haochaping.proofs.rules.commitments import (
    SALT,
    canonical,
    commitment,
    invited_said,
    keyed,
    public,
    row_tag,
    text_digest,
    texts_file,
)
from haochaping.proofs.rules.months import (
    MONTHS,
    MONTHS_TEXT,
    UNTOLD,
    Again,
    Place,
    Rolled,
    month_table,
    month_tag,
    told_again,
)
from haochaping.proofs.rules.promises import TITLE, WITHIN, promise
from haochaping.proofs.rules.records import (
    LEAVES,
    SET_ASIDE,
    TAKEN_BACK,
    of_rating,
    of_replacement,
    of_step,
    of_verdict,
)
from haochaping.proofs.rules.sampling import (
    MOST,
    NO_SUCH_DAY,
    OTHER_LEAVES,
    BadDraw,
    Draw,
    Found,
    drawn,
    share_found,
)
from haochaping.proofs.rules.trail import TRAIL
