"""Detection 异常监测: detectors of gaming over weeks of ratings, findings with their evidence, and
verdicts by two persons of another unit. Nothing is ever deleted.
"""
