"""The golden cases of checks, run with purity watched."""
