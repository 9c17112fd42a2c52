"""The supervision board 督办看板: cards, what waits for a decision, who looked at a number."""
