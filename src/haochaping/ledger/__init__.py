"""The tamper-evident log 存证账本: an append-only Merkle tree, published as C2SP tiles, that
anybody can check without trusting us.
"""
