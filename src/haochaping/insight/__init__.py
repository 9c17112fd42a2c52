"""What the figures say, fairly: measures, scores among peers, portraits, and the pages of analysis
效能分析.
"""
