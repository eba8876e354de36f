"""The networks: what they are, what they are trained for, how far they came."""
