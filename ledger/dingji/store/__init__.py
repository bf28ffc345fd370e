"""The log on disk: every entry in the order of recording, appended by one and read by anyone."""
