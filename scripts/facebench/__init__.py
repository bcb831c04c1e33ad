"""What facebench's steps share: importable without Snakemake or Streamlit, and without torch."""

__version__ = "0.1.0"
