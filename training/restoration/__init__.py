"""Training of the restoration step: what takes the noise of quantised wavelet bands out of decoded pictures."""
