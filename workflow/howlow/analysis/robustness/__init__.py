"""Whether a verdict hangs on one choice: multiverse, missing data, diagnostics."""
