"""Render: values in, text or JSON out. Pure: nothing is read, written or compared here, and everything that comes from
manifests or stores is made harmless before it reaches a terminal."""
