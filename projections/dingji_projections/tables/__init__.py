"""The tables that views keep: levels, names, acts."""
