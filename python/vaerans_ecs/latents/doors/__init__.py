"""Blobs in containers that others made: one module for each, which is imported only where its package is there."""
