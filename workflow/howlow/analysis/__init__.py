"""From measurements and a declared design to fits, estimates and verdicts."""
