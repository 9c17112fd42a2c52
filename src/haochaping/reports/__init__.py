"""Reports 报告: pages of analysis that people have made for them each week, month or quarter."""
