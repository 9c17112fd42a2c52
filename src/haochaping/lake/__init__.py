"""The lake: every fact of the feed as Parquet, append-only and once, for DuckDB here and for other
engines elsewhere.
"""
