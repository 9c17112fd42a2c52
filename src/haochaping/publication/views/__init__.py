"""The public site, and the office page behind it."""
