"""Poisoned pictures: who is still found when somebody cloaks, and what it costs. docs/poison.md.

`experiments` says what a study asks for, `variants` and `split` what it is measured on, `nearest`
and `ridge` how people are found, `run` what becomes of whom, `measures` the numbers, `over_models`
what takes several models.
"""
