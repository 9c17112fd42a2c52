"""Envelopes and ciphers of each dialect: bytes in, rows in national names out, and the answer in the partner's own shape."""
