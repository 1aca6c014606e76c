"""The rules, a module for each thing they look at. `lint/registry.py` lists them; a new one is a function here, a line there, a
code in `core/codes/lint.py`, a good and a bad example in the tests."""
