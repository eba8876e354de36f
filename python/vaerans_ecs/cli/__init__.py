"""The command `vaerans` of the package: the options, messages and exit codes of the program, as far as they go.

The program that ./dev build makes reads more formats, works in batches and decodes pictures in a process of their own;
this one needs nothing but the package and Pillow. docs/cli.md is about both, tests/cli runs against both.
"""
