"""Rules about what is declared: judged on the effective desired state, offline. Nothing here reads files, knows manifests, plans
or stores, or says where a breach stands; `app/linting.py` joins this room with the manifests."""
