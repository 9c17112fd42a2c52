"""Messages to people and from them.

SMS over SMPP and HTTP gateways, with delivery receipts and replies.
"""
