"""Proofs 评价存证: what of each rating the ledger commits to, the receipts of citizens, and the day
books that anybody can count again.
"""
