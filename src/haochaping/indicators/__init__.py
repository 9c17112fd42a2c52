"""Evaluation indicators 评价指标: versioned codes that say what was good or bad."""
