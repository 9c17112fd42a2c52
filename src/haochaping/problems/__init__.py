"""What bad ratings are about 差评聚类: reasons, problems with ids that last, alerts, and campaigns
专项整改 that put a problem right.
"""
