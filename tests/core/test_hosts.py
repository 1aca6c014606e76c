"""Which host a URL leads to, and which lists have it. Every trick that makes two readers see two hosts is refused."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.core.hosts import AllowedHosts, Host, hosts_of, is_clear_text


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("secureauth+https://id.example.com/shop", "id.example.com:443"),
        ("SECUREAUTH+HTTPS://ID.Example.COM./shop", "id.example.com:443"),
        ("secureauth+https://id.example.com:8443/shop", "id.example.com:8443"),
        ("secureauth+http://proxy/shop", "proxy:80"),
        ("secureauth+https://good.example@evil.example/shop", "evil.example:443"),
        ("secureauth+https://good.example:x@evil.example/shop", "evil.example:443"),
        ("secureauth+https://good.example%2f@evil.example/shop", "evil.example:443"),
        ("secureauth+https://evil.example/@good.example/", "evil.example:443"),
        ("secureauth+https://evil.example/?@good.example/", "evil.example:443"),
        ("secureauth+https://[2001:DB8:0::1]:8443/shop", "[2001:db8::1]:8443"),
        ("secureauth+https://[::ffff:192.0.2.7]/shop", "192.0.2.7:443"),
        ("secureauth+https://192.0.2.7/shop", "192.0.2.7:443"),
        ("secureauth+https://xn--bcher-kva.example/shop", "xn--bcher-kva.example:443"),
        ("postgresql://ada:secret@db.example/pac", "db.example:5432"),
        ("postgres://db.example?sslmode=require", "db.example:5432"),
        ("other://db.example/x", "db.example"),
        ("other://db.example:7/x", "db.example:7"),
    ],
)
def test_a_url_leads_to_one_host_in_one_form(url: str, host: str) -> None:
    assert [str(found) for found in hosts_of(url)] == [host]


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///.pool-as-code/directory.db",
        "sqlite:////var/lib/x@y.db",
        "memory:",
        "dump:identity.yaml",
        "dump://folder/identity.yaml",
        "other:something",
        "other:///file",
        "postgresql:///pac",
        "postgresql://%2Fvar%2Frun/pac",
        "postgresql:///pac?host=/var/run/postgresql",
        "no scheme at all",
        "",
    ],
)
def test_a_store_on_this_machine_has_no_host(url: str) -> None:
    assert hosts_of(url) == ()


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("postgresql://good.example,evil.example:99/pac", ["good.example:5432", "evil.example:99"]),
        ("postgresql:///pac?host=evil.example", ["evil.example:5432"]),
        ("postgresql://good.example/pac?HOST=ev%69l.example", ["good.example:5432", "evil.example:5432"]),
        ("postgresql://good.example/pac?hostaddr=192.0.2.7,2001:db8::1", None),
        ("postgresql://good.example?a=/&host=evil.example", ["good.example:5432", "evil.example:5432"]),
        ("postgresql://good.example?a=/@x/&host=evil.example", ["good.example:5432", "evil.example:5432"]),
    ],
)
def test_every_host_of_a_postgresql_url_is_judged(url: str, hosts: list[str] | None) -> None:
    wanted = hosts or ["good.example:5432", "192.0.2.7:5432", "[2001:db8::1]:5432"]
    assert [str(found) for found in hosts_of(url)] == wanted


@pytest.mark.parametrize(
    "url",
    [
        "secureauth+https:evil.example/shop",
        "secureauth+https:/evil.example/shop",
        "secureauth+https:\\\\evil.example/shop",
        "secureauth+https:///shop",
        "secureauth+https://",
        "secureauth+https:// evil.example/shop",
        "secureauth+https://good.example\\@evil.example/shop",
        "secureauth+https://evil.example\\.good.example/shop",
        "secureauth+https://a@good.example@evil.example/shop",
        "secureauth+https://good.example#@evil.example/shop",
        "secureauth+https://good.example?@evil.example/shop",
        "secureauth+https://good.example\t.evil.example/shop",
        "secureauth+https://good.example\n/shop",
        "secureauth+https://good.example\x00.evil.example/shop",
        "secureauth+https://good.example\u200b.evil/shop",
        "secureauth+https://good.example\u202e/shop",
        "secureauth+https://g%6fod.example/shop",
        "secureauth+https://good.example%2fevil/shop",
        "secureauth+https://ｇood.example/shop",  # noqa: RUF001 (wide)
        "secureauth+https://good。example/shop",
        "secureauth+https://faß.example/shop",
        "secureauth+https://gооd.example/shop",  # noqa: RUF001 (Cyrillic)
        "secureauth+https://127.1/shop",
        "secureauth+https://0x7f000001/shop",
        "secureauth+https://2130706433/shop",
        "secureauth+https://0177.0.0.1/shop",
        "secureauth+https://256.1.1.1/shop",
        "secureauth+https://1.2.3.4.5/shop",
        "secureauth+https://[::1/shop",
        "secureauth+https://[::1]evil.example/shop",
        "secureauth+https://[fe80::1%eth0]/shop",
        "secureauth+https://::1/shop",
        "secureauth+https://good.example:/shop",
        "secureauth+https://good.example:443:80/shop",
        "secureauth+https://good.example:0/shop",
        "secureauth+https://good.example:65536/shop",
        "secureauth+https://good.example:+443/shop",
        "secureauth+https://good.example:\uff1443/shop",
        "secureauth+https://-good.example/shop",
        "secureauth+https://good..example/shop",
        "secureauth+https://.good.example/shop",
        "secureauth+https://good.example../shop",
        "secureauth+https://./shop",
        "secureauth+https://good*.example/shop",
        "secureauth+https://" + "a" * 64 + ".example/shop",
        "secureauth+https://" + ".".join(["a" * 60] * 5) + "/shop",
        "postgresql:evil.example/pac",
        "postgresql://good.example/pac?service=other",
        "postgresql://good.example/pac?port=99",
        "postgresql://good.example%2f/pac",
        "other://good.example\\@evil.example/",
        "other://good.example?x=@evil.example/",
    ],
)
def test_a_url_that_can_be_read_in_two_ways_leads_nowhere(url: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        hosts_of(url)


def test_an_international_name_is_told_its_ascii_form() -> None:
    with pytest.raises(ValueError, match=r"xn--bcher-kva\.example$"):
        hosts_of("secureauth+https://bücher.example/shop")
    with pytest.raises(ValueError, match=r"ASCII$"):  # two standards, two hosts
        hosts_of("secureauth+https://faß.example/shop")


ALLOWED = AllowedHosts.parse(
    "ID.example.com., *.dev.example.com,db.internal:5433, [2001:db8::1]:8443,http://proxy,10.0.0.1"
)


@pytest.mark.parametrize(
    "url",
    [
        "secureauth+https://id.example.com/shop",
        "secureauth+https://ID.EXAMPLE.COM.:8443/shop",
        "secureauth+https://a.dev.example.com/shop",
        "secureauth+https://a.b.dev.example.com/shop",
        "postgresql://x:y@db.internal:5433/pac",
        "postgresql://db.internal:5433/pac?sslmode=verify-full",
        "postgresql://localhost/pac?sslmode=disable",
        "secureauth+https://[2001:0db8::0001]:8443/shop",
        "secureauth+http://proxy/shop",
        "secureauth+https://10.0.0.1/shop",
        "secureauth+https://localhost/shop",
        "secureauth+http://127.0.0.1:8080/shop",
        "secureauth+http://127.8.8.8/shop",
        "secureauth+http://[::1]:8080/shop",
    ],
)
def test_hosts_on_the_list_and_this_machine_are_allowed(url: str) -> None:
    assert all(ALLOWED.allow(host, clear_text=is_clear_text(url)) for host in hosts_of(url))


@pytest.mark.parametrize(
    "url",
    [
        "secureauth+https://example.com/shop",
        "secureauth+https://id.example.com.evil.example/shop",
        "secureauth+https://evil-id.example.com/shop",
        "secureauth+https://dev.example.com/shop",
        "secureauth+https://evildev.example.com/shop",
        "secureauth+https://id.example.com@evil.example/shop",
        "postgresql://db.internal/pac",
        "postgresql://db.internal:5433,evil.example/pac",
        "postgresql://db.internal:5433/pac?sslmode=disable",
        "postgresql://db.internal:5433/pac?a=b&sslmod%65=prefer",
        "secureauth+https://[2001:db8::1]/shop",
        "secureauth+https://[2001:db8::2]:8443/shop",
        "secureauth+http://id.example.com/shop",
        "secureauth+https://10.0.0.10/shop",
        "secureauth+https://localhost.evil.example/shop",
        "secureauth+https://evil.localhost/shop",
        "secureauth+https://0.0.0.0/shop",
    ],
)
def test_other_hosts_are_not_allowed(url: str) -> None:
    assert not all(ALLOWED.allow(host, clear_text=is_clear_text(url)) for host in hosts_of(url))


def test_an_empty_list_allows_this_machine_alone() -> None:
    assert not AllowedHosts.parse(" , ").allow(Host("id.example.com", 443))
    assert AllowedHosts.parse("").allow(Host("localhost", 443))


@pytest.mark.parametrize(
    "entry",
    [
        "*",
        "*.",
        "*.*",
        "id-*.example",
        "https://id.example",
        "id.example/shop",
        "a b",
        "::1",
        "*.10.0.0.1",
        "x:0",
        "x@y",
    ],
)
def test_an_entry_that_is_no_host_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(entry)}: "):
        AllowedHosts.parse(f"good.example,{entry}")


@given(st.text(max_size=40))
def test_nobody_crosses_the_list_with_what_stands_around_a_host(text: str) -> None:
    """Whatever is put before, after or into a URL: what is judged is what the common readers of URLs see, or it is refused."""
    for url in (
        f"secureauth+https://{text}",
        f"secureauth+https://good.example{text}/x",
        f"other://{text}@good.example/",
    ):
        try:
            (found,) = hosts_of(url)
        except ValueError:
            continue
        seen = urlsplit(url).hostname
        assert seen is not None
        assert found.name == (seen.removesuffix(".") if ":" not in seen else ip_address(seen).compressed)
