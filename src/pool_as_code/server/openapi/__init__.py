"""The server's own OpenAPI document, made of the operations that it serves: nothing is written down twice."""
