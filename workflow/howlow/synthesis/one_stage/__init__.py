"""One-stage pooling: the participants of several trials in one mixed model."""
