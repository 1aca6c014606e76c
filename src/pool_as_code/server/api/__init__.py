"""Records over HTTP: pools, schemas, groups, users and what hangs on them, organizations, links between them."""
