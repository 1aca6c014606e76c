"""What `make bench` runs: the product, its rivals and the floor on the same users, whole process by whole process, in one run.
Nothing of the product runs here: it is started the way users start it."""
