"""Commands for an auditor."""
