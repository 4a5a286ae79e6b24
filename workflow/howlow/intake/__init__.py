"""Intake: from a table that nobody prepared to a checked study file."""
