"""Requests of citizens about their personal data 个人信息请求: a copy at once, correction and
erasure within fifteen working days (PIPL 44–50).
"""
