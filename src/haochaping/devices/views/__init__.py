"""Pages of devices: in the back-office, and on the devices themselves."""
