"""The hot path: what systems, devices and files hand in, stored by one group commit.

Nothing here decides: rules, statements and answers are those of the rooms below.
"""
