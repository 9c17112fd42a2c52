"""Envelopes and ciphers of each dialect.

Bytes in, rows in national names out, and the answer in the partner's own shape.
"""
