"""Random-effects models of effects with known sampling covariance: pools, curves and networks."""
