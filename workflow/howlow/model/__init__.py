"""Fits on arrays and names; nothing here knows files, plots, configuration or Snakemake."""
