"""Rules of detection: what is looked at, comparing with peers, what a detector is, verdicts."""
