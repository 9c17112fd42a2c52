"""Files of an order 附件: known by their first bytes, scanned for viruses, kept beside it."""
