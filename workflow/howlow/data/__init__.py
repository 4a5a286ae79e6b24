"""From raw tables and printed numbers to measurements: one row a value."""
