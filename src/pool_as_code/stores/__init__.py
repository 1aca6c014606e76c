"""Stores: where directories live. A store reads in bulk and writes items; it knows no manifests, no plan, no references to
secrets."""
