"""Estimand cards, written down before anything is fitted, and their frozen copies."""
