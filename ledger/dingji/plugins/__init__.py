"""What plugins contribute: the hooks, how plugins are loaded, and how their data is read and checked."""
