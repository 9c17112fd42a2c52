"""Administrative divisions 行政区划: the tree, its history and its renamed codes."""
