"""The probabilities of the context coder, fitted to the training photos."""
