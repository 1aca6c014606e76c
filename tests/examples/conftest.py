"""What examples send to the service is held against its Swagger files, as what the tests of stores send."""

from __future__ import annotations

from tests.stores.conftest import every_request_is_one_that_is_published, published

__all__ = ["every_request_is_one_that_is_published", "published"]
