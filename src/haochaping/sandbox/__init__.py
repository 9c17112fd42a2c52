"""Where integrators try the interface 沙箱: keys without asking, data of their own, and each call
told back with what was wrong with it.
"""
