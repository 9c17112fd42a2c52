"""Rectification orders 差评工单: from a bad rating to the citizen's word that it is solved."""
