"""A station held against a standard: what is stated of it, each check's finding, the verdict."""
