"""What every room stands on: clock, calendar, ids, errors, words, database, outbox, crypto.

It knows no room.
"""
