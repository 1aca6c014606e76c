"""Manifests: from files to a checked `State`. The project file, reading, validating, checks across documents, places and repairs.

Nothing here knows plans or stores.
"""
