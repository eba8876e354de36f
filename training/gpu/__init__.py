"""Training on a rented GPU that knows nothing but a copy of this repository: README.md, "With a GPU"."""
