"""Planning: how many participants a new cohort needs, by simulating its own analysis."""
