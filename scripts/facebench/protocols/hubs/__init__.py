"""Hubs: entries of an index that come first for many people, how they are made and looked for."""
