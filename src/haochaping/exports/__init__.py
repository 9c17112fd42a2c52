"""Exports 导出任务: a whole list as a file, made behind the page and kept for who asked for it."""
