"""Poisoned pictures: who is still found despite a cloak, and what it costs. docs/poison.md.

`experiments` lists what a study asks for, `variants` and `split` make the data, `nearest` and
`ridge` find people, `run` makes the outcomes and `measures` the numbers. `effects`, `transfer`,
`breakdown` (by group) and `votes` are the tables over several models.
"""
