"""The pages of people, keys and one's own account."""
