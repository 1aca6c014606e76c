"""Applying: a plan's changes become store writes. Nothing here compares anything; the plan has said it all."""
