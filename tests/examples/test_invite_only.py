"""The example of a pool that nobody joins by themselves: nobody can, and those who were invited become active."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pool_as_code.core.errors import Rejected
from pool_as_code.core.secrets import Secret
from pool_as_code.directory import messages, registration, sign_in
from pool_as_code.directory.directory import Directory
from pool_as_code.resources.state import derived_id
from tests.cli.shop import Shop
from tests.examples.projects import NAMED, PASSWORD
from tests.house import open_cheap

pytestmark = pytest.mark.usefixtures("cheap_hashing")
POOL = "clinicians"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = NAMED["invite-only"].copy(tmp_path)
    applied = made.pac("apply", "--yes")
    assert applied.exit_code == 0, applied.output
    return made


@contextmanager
def directory(shop: Shop) -> Iterator[Directory]:
    store = open_cheap("sqlite:///.pool-as-code/directory.db", read_only=False, root=shop.root, environ={})
    try:
        yield store.directory
    finally:
        store.close()


def test_nobody_signs_up(shop: Shop) -> None:
    sign_up = registration.SignUp({"uid": "intruder"}, {"email": "intruder@example.com"}, {}, Secret(PASSWORD))
    with directory(shop) as here, pytest.raises(Rejected, match="self registration is off"):
        registration.register(here, POOL, sign_up)


def test_two_messages_wait_one_with_a_link_that_leads_to_the_portal(shop: Shop) -> None:
    with directory(shop) as here:
        found = {message.address: (message.via, message.return_to) for message in messages.waiting(here)}
    assert found == {
        "ward.north@portal.example.com": ("link", "https://portal.example.com/welcome"),
        "theatre@portal.example.com": ("code", ""),
    }


def test_whoever_follows_an_invitation_is_active_and_the_plan_is_empty_all_the_same(shop: Shop) -> None:
    chosen = "Fresh-Zebra-81-Umbrella!"
    invited = derived_id("user", "n-0418", POOL)
    with directory(shop) as here:
        (message,) = [message for message in messages.waiting(here) if message.user_id == invited]
        contents = messages.contents_of(here, message)
        assert contents is not None
        registration.activate(here, POOL, contents.short, user_id=invited, password=Secret(chosen))
        assert sign_in.verify(here, POOL, chosen, user_id=invited).passed
    assert shop.pac("plan", "--detailed-exitcode").exit_code == 0


def test_the_first_password_of_the_desk_is_good_for_one_sign_in(shop: Shop) -> None:
    first = shop.pac("users", "verify", f"{POOL}/desk-1", input=PASSWORD)
    assert (first.exit_code, "must be changed" in first.output) == (0, True)
