"""How the shipped models were made, runnable again: README.md beside this file."""
