"""Service records 办件: what a citizen was served with, one row per service."""
