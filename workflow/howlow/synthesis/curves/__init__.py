"""Dose and response over trials: curves, and steps between neighbouring doses."""
