"""How a person is asked: one-time links."""
