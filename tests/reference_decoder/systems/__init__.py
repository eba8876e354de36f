"""The inverse steps of chains."""
