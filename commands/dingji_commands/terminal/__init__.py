"""Text on a terminal: columns, tables, trees, progress, keys."""
