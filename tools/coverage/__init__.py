"""How often intervals cover the truth, and tests raise a false alarm, in simulated samples."""
