"""From everything that was computed and drawn to one page that needs nothing else."""
