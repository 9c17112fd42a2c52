"""Pages of the back-office shell."""
