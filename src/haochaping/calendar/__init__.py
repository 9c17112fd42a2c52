"""Working days and hours 工作日历: holidays, make-up days and days of a region, by version."""
