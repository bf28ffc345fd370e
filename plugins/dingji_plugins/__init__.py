"""The built-in plugins, registered through the entry points of group `dingji` as anyone's are."""
