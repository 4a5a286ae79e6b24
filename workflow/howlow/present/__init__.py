"""Figures: from the written tables to estimation plots and forest plots."""
