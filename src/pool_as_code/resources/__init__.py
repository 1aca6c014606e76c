"""Kinds: all that the engine needs to know of pools, schemas, groups, users, organizations and workspaces.

A setting is one annotated field of one section; everything else (validation, null, text, masking, drift) follows from its
traits. Nothing here reads files or stores.
"""
