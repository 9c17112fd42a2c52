"""Pages on which ratings are given: the citizen's own and the one on devices at windows."""
