"""The store over our server keeps the contract when something goes wrong on the way: 503, 429, answers that are lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx
import pytest

from pool_as_code.stores.base import Store
from tests.postgres import a_schema
from tests.server.site import Asked
from tests.server.test_on_postgres import on_postgres
from tests.stores.conformance_faults import Count, FaultConformance, Faults, Met, Sort
from tests.stores.conformance_ledger import Clock
from tests.stores.secureauth.scripted import World
from tests.stores.secureauth.served import store_over


class HttpFaults(httpx.BaseTransport):
    """Between the store and our server. Reads and tokens are no writes; after a lasting cut nothing is reached at all."""

    def __init__(self, site: Asked, inner: httpx.BaseTransport) -> None:
        self.site, self._inner = site, inner
        self.without: Mapping[Sort, str] = {}
        self._sort: Sort | None = None
        self._count = Count(1, Met())
        self._once = False
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            sort = self._sort
            due = sort is not None and _writes(request) and self._count.due
            gone = sort is Sort.CUT and not self._once and self._count.met.yes
            if due and self._once:
                self._sort = None
        if due and sort is Sort.FAILS:
            return httpx.Response(503, json={"error": "out of order"})
        if due and sort is Sort.BUSY:
            return httpx.Response(429, headers={"retry-after": "1"}, json={"error": "slow down"})
        if due:
            with self._lock:
                first = self._count.seen == self._count.number
            if first:
                self._inner.handle_request(request)
            raise httpx.ReadError("the connection is gone", request=request)
        if gone:
            raise httpx.ConnectError("the connection is gone", request=request)
        return self._inner.handle_request(request)

    @contextmanager
    def lasting(self, sort: Sort, number: int, *, once: bool = False) -> Iterator[Met]:
        met = Met()
        self._count, self._once, self._sort = Count(number, met), once, sort
        try:
            yield met
        finally:
            self._sort = None

    @contextmanager
    def passing(self, sort: Sort) -> Iterator[Met]:
        with self.lasting(sort, 1, once=True) as met:
            yield met

    @contextmanager
    def elsewhere(self) -> Iterator[Store]:
        other = store_over(self.site, Clock())
        try:
            yield other
        finally:
            other.close()


def _writes(request: httpx.Request) -> bool:
    return request.method != "GET" and not request.url.path.endswith(("/by_key", "/oauth2/token"))


class OverHttp(FaultConformance):
    """Over one site for the whole class, emptied before each test."""

    @pytest.fixture
    def faults(self, site: Asked) -> Faults:
        site.empty()
        return HttpFaults(site, site.http._transport)

    @pytest.fixture
    def store(self, site: Asked, faults: HttpFaults) -> Iterator[Store]:
        store = store_over(site, Clock(), through=faults, surroundings=World().surroundings)
        yield store
        store.close()


class TestFaultsOverHttpOnAFile(OverHttp):
    @pytest.fixture(scope="class")
    @classmethod
    def site(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
        with Asked(database=tmp_path_factory.mktemp("served") / "directory.db") as site:
            yield site


class TestFaultsOverHttpOnPostgres(OverHttp):
    @pytest.fixture(scope="class")
    @classmethod
    def site(cls, postgres_server: str) -> Iterator[Asked]:
        with on_postgres(a_schema(postgres_server)) as site:
            yield site
