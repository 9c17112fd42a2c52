"""Settings, addresses, permissions, the gate before every page and the flow of events."""
