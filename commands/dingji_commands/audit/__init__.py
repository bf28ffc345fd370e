"""Commands for an auditor: what conforms, what depends on an entry, what differs, and what runs again alike."""
