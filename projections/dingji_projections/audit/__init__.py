"""Questions of an auditor: conformance, conditions, coverage, hindsight, late entries, lost grounds."""
