"""The mixing coder's wavelet bands."""
