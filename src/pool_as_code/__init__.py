"""pool-as-code keeps user directories (identity pools) in Git: manifests in, plan out, apply exactly that plan.

Here lives the name of the package and its version. The rooms below it import downwards only, from `cli` to `core`.
"""

__version__ = "0.1.0"
