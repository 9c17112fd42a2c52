"""Where catalogues are read."""
