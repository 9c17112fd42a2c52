"""The citizen's and the public's pages.

Front page and receipt, and the way in from a scanned QR code.
"""
