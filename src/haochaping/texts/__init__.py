"""Texts that an office writes often 常用语."""
