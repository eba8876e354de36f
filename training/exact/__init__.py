"""From a checkpoint to a shipped model whose decoder gives the same pixels on every machine."""
