"""Store URLs as they are shown: nothing secret, and never another host than the one that is met."""

import pytest

from pool_as_code.core.urls import shown_url, tenant_of


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
