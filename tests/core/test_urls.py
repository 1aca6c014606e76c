"""Store URLs as they are shown: nothing secret, and never another host than the one that is met."""

import pytest

from pool_as_code.core.urls import LONGEST_PAGE, page_problem, shown_url, tenant_of


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///home/a@b/directory.db", "sqlite:///home/a@b/directory.db"),
        ("postgresql://ada:hunter2@db.example/pac?sslpassword=hunter2", "postgresql://db.example/pac"),
        ("postgresql://ada:hun@ter2@db.example/pac", "postgresql://db.example/pac"),
        ("postgresql://ada:hun/ter2@db.example/pac", "postgresql://ada:***"),
        ("secureauth+https://id.example:8443/shop", "secureauth+https://id.example:8443/shop"),
        ("secureauth+https://[2001:db8::1]:8443/shop", "secureauth+https://[2001:db8::1]:8443/shop"),
        ("secureauth+https://evil.example/x@good.example/shop", "secureauth+https://evil.example/x@good.example/shop"),
        ("memory:", "memory:"),
    ],
)
def test_a_url_is_shown_without_secrets_and_with_the_host_it_leads_to(url: str, shown: str) -> None:
    assert shown_url(url) == shown
    assert "hunter2" not in shown_url(url)


@pytest.mark.parametrize(
    ("url", "tenant"),
    [
        ("secureauth+https://id.example/shop", "shop"),
        ("SecureAuth+HTTPS://id.example/shop/?x=1", "shop"),
        ("secureauth+https://id.example", ""),
        ("sqlite:///a/b.db", ""),
        ("postgresql://db.example/pac", ""),
    ],
)
def test_a_url_of_the_service_names_its_tenant(url: str, tenant: str) -> None:
    assert tenant_of(url) == tenant


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/welcome",
        "https://shop.example",
        "https://shop.example:8443/a/b?c=d&e=%2F",
        "https://shop.example?next=/a/b",
        "http://localhost:3000/",
        "http://127.0.0.1/",
        "http://[::1]:3000/x",
        "https://[2001:db8::1]/",
    ],
)
def test_people_are_sent_to_a_whole_address(url: str) -> None:
    assert page_problem(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/welcome",
        "//evil.example/",
        "welcome",
        "javascript:alert(1)",
        "data:text/html,x",
        "HTTPS://shop.example/",
        "https:/shop.example/",
        "https:///shop.example/",
        "https://",
        "http://shop.example/",
        "http://localhost.evil.example/",
        "http://127.1/",
        "http://0x7f000001/",
        "https://127.0.0.1.1/",
        "https://me@shop.example/",
        "https://shop.example@evil.example/",
        "https://me:secret@shop.example?x",
        "https://shop.example/#there",
        "https://shop.example\\@evil.example/",
        "https://shop.example/\r\nset-cookie: x",
        "https://shop.example/ x",
        "https://shop.example/\u202egnp",
        "https://b\u00fccher.example/",
        "https://*.shop.example/",
        "https://shop%2eexample/",
        "https://shop.example:0/",
        "https://shop.example:x/",
        "https://[::1/",
        f"https://shop.example/{'x' * LONGEST_PAGE}",
    ],
)
def test_nobody_is_sent_to_what_is_read_in_two_ways_or_by_everybody_on_the_way(url: str) -> None:
    assert page_problem(url)
    assert "secret" not in page_problem(url)


@pytest.mark.parametrize(
    ("url", "given"),
    [
        ("postgresql:///shop?host=/run/pg&schema=shop_dev", "postgresql:///shop?host=/run/pg&schema=shop_dev"),
        ("postgresql://ada:hunter2@db/shop?schema=dev&password=hunter2", "postgresql://db/shop?schema=dev"),
        ("postgresql://db/shop?sslpassword=hunter2", "postgresql://db/shop"),
        ("postgresql://ada:hun/ter2@db/shop?schema=dev", "postgresql://ada:***"),
        ("sqlite:///directory.db", "sqlite:///directory.db"),
    ],
)
def test_a_command_to_run_names_the_same_store_and_no_secret(url: str, given: str) -> None:
    assert shown_url(url) == given
