"""Dispatch rules 派单规则: to which department an order goes at once."""
