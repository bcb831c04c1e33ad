"""Indices of stored vectors: their kinds, how they are made, stored and searched."""
