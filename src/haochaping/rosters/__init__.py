"""Rosters 排班: who sits at which window when, so that a tablet shows and a rating names them."""
