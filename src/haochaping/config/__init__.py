"""Settings, addresses, permissions, the flow of events, the collector and the command line."""
