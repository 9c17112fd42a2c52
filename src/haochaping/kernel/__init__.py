"""What every room stands on: clock, ids, errors, words, database, outbox, crypto.

It knows no room.
"""
