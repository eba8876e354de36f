"""The mixing coder of pixels and graphics."""
