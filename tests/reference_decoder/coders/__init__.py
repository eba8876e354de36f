"""The symbol coders but the mixing one."""
