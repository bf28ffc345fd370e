"""What all commands share: settings, options, how a question is asked, how errors end, how parts are put together."""
