"""Migrations of proofs."""
