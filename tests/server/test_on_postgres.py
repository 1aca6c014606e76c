"""The same stories over PostgreSQL: several workers, each with a connection of its own."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pool_as_code.directory.directory import Directory
from pool_as_code.directory.hashing import TEST_PARAMETERS
from pool_as_code.directory.postgres import PostgresDatabase
from pool_as_code.directory.vault import KEY_VARIABLE
from pool_as_code.stores.postgres import parameters_of
from tests.server import test_dumps, test_flows, test_pools, test_users
from tests.server.scim import test_entra, test_okta
from tests.server.scim.provider import keeping
from tests.server.site import Asked


class OnPostgres(Asked):
    """A site over a schema of its own in a real server."""

    url: str = ""

    def directory(self) -> Directory:
        """A connection of its own."""
        schema, parameters = parameters_of(self.url, {})
        db = PostgresDatabase(parameters, "of this test", schema=schema)
        key = {KEY_VARIABLE: b64encode(bytes(range(32))).decode()}
        return Directory(db=db, environ=key, hash_parameters=TEST_PARAMETERS, clock=self.clock)


def on_postgres(url: str) -> OnPostgres:
    """A site with several workers over this schema."""
    asked = OnPostgres(settings={"threads": 4})
    asked.url = url
    return asked


@pytest.fixture
def site(postgres_url: str) -> Iterator[Asked]:
    with on_postgres(postgres_url) as asked:
        yield asked


STORIES = [
    (test_pools, "test_lists_have_pages_in_both_orders"),
    (test_pools, "test_the_role_of_a_pool_is_granted_listed_and_revoked"),
    (test_users, "test_users_are_searched_by_key_and_by_attributes"),
    (test_users, "test_memberships_come_and_go"),
    (test_flows, "test_a_forgotten_password_is_reset_with_the_code_once"),
    (test_flows, "test_an_authenticator_is_changed_with_its_code_and_reset_with_a_sent_one"),
    (test_dumps, "test_an_imported_user_signs_in_with_the_password_it_had"),
]
SCIM_STORIES = [
    test_okta.test_a_person_as_okta_keeps_it,
    test_okta.test_everybody_is_imported_page_by_page,
    test_entra.test_a_person_as_entra_keeps_it,
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story[1])
def test_a_story_ends_as_it_does_on_sqlite(site: Asked, story: tuple[Any, str]) -> None:
    module, name = story
    if module is test_users:
        site.post("/pools", {"id": "p", "name": "P", "identifier_case_insensitive": True})
    elif module is test_flows:
        settings = {"public_registration_allowed": True, "password_policy": {"min_length": 10}}
        site.post("/pools", {"id": "p", "name": "P", **settings})
    getattr(module, name)(site)


@pytest.mark.parametrize("story", SCIM_STORIES, ids=lambda story: story.__name__)
def test_a_provider_keeps_users_as_it_does_on_sqlite(site: Asked, story: Any) -> None:
    story(keeping(site))


def test_of_two_changes_at_once_with_the_same_etag_one_is_made(site: Asked) -> None:
    etag = site.ask("POST", "/pools", {"id": "p", "name": "P"}).headers["etag"]

    def put(number: int) -> int:
        return site.ask("PUT", "/pools/p", {"name": f"P{number}"}, headers={"if-match": etag}).status_code

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(put, range(8))) == [200] + [412] * 7
