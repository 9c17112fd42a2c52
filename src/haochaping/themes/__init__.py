"""Sets of items that are looked at together: themes of the business environment 营商环境, and
one-thing packages “一件事” with their steps.
"""
