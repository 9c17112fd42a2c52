"""People, roles, grants scoped to the region tree, and the keys of client systems."""
