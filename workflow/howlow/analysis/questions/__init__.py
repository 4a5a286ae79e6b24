"""What is asked of a fit beyond one contrast: steps, factorials, phases, moderators, response."""
