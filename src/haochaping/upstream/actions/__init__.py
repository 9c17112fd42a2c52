"""Connecting catalogues, comparing them with what is here, putting in force what was approved."""

from haochaping.upstream.actions.comparing import compare, note_away
from haochaping.upstream.actions.connecting import Agreed, connect, start, stop
from haochaping.upstream.actions.deciding import Decided, decide, take_due
