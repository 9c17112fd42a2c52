"""The pages of people and keys 用户与接口: who may sign in, with which post, and which systems may
call. What they write is `identity`'s.
"""
