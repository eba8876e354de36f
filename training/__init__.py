"""How the shipped models were made, runnable again: README.md beside this file."""

import os

# Before PyTorch starts its threads: on a shared machine, waiting threads must not burn the time of working ones.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
