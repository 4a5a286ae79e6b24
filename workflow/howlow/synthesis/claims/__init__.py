"""The claims under test, judged by the trials at hand."""
