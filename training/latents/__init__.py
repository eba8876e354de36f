"""Whether a training notices that its latents come from a store."""
