"""The rating itself 评价, over every channel, with its follow-up 追评 and receipt 回执."""
