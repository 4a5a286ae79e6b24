"""The commands of `howlow`; heavy imports sit in the commands that need them."""
