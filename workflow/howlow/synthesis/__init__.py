"""From the estimates of all studies to evidence by question, pooled effects and the answer."""
