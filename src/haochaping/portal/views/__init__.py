"""The citizen's and the public's pages: front page and receipt, and the way in from a scanned QR code."""
