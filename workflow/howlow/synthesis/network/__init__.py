"""Prescriptions as a network: which trial compares which, and what they say together."""
