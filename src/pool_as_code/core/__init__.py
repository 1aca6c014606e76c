"""Values only: addresses, field paths, diagnostics, secret references, capabilities, errors, YAML text. Nothing here does I/O."""
