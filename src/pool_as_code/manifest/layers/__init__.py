"""Layers: how one set of documents becomes the effective documents of one environment.

    documents -> ForEach -> Patch -> environment patches -> extends -> variables -> effective documents

Plain values in and out; nothing here reads manifests, knows a store, or validates a kind.
"""
