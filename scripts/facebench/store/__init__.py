"""The tables between the steps, their records, and pieces of unfinished work."""
