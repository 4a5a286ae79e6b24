"""What the user declares: YAML, read strictly and checked into frozen objects."""
