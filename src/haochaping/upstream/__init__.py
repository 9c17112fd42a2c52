"""Upstream catalogues 上级目录: regions, departments, halls, windows and items as another system
keeps them; what differs is put to a person, and in force on its day.
"""
