"""Running a site: the command line `hcp`, the supervised stack, the worker, upkeep and doctor."""
