"""The command line: options in, one call of a use-case, one render, an exit code out. Nothing is decided here that another
caller of the use-cases would have to decide again. Commands are imported when they are used."""
