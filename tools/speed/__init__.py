"""How fast facebench is, as ratios within one run: `python -m tools.speed` writes a page of them.

Each section of the table is a module of `tools.speed.sections`. Its sides (facebench, and what it
is compared with) are processes of their own that work by turns; the best round of a part counts.
"""
