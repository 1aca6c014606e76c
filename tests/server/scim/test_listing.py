"""Lists: filters, pages, attributes; and what a pool's SCIM says of itself."""

from __future__ import annotations

import pytest

from tests.server.scim.provider import CUSTOM, USER, Provider


@pytest.fixture
def ada(provider: Provider) -> str:
    made = provider.made(
        "ada@example.com",
        externalId="7",
        additionalIdentifiers=[{"type": "uid", "value": "ada"}],
        emails=[{"value": "Ada@example.com", "verified": True}, {"value": "home@example.com", "type": "home"}],
        phoneNumbers=[{"value": "+12015550123", "verified": True}],
        name={"givenName": "Ada", "familyName": "L"},
        **{CUSTOM: {"level": 3, "department": "care"}},
    )
    provider.made("eve")
    return str(made["id"])


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ('userName eq "ADA@example.com"', True),
        ('USERNAME EQ "ada@example.com"', True),
        (f'{USER}:userName eq "ada@example.com"', True),
        ('  userName  eq  "ada@example.com"  ', True),
        ('userName eq "ada"', False),
        ('externalId eq "7"', True),
        ('externalId eq "ada"', False),
        ('emails.value eq "ada@EXAMPLE.com"', True),
        ('emails[type eq "work"].value eq "ada@example.com"', True),
        ('emails[type eq "]"].value eq "ada@example.com"', True),
        ('emails.value eq "home@example.com"', False),
        ('emails.value eq "+12015550123"', False),
        ('phoneNumbers.value eq "tel:+1-201-555-0123"', True),
        ('phoneNumbers[type eq "mobile"].value eq "+12015550123"', True),
        ('userName eq "%"', False),
        ('userName eq "ada@example.com\\u0000"', False),
        ("userName eq \"x' OR '1'='1\"", False),
        ('id eq "nobody"', False),
    ],
)
def test_a_filter_finds_who_has_exactly_that(provider: Provider, ada: str, filter: str, found: bool) -> None:
    assert provider.found(filter) == (["ada@example.com"] if found else [])


def test_an_id_is_found(provider: Provider, ada: str) -> None:
    assert provider.found(f'id eq "{ada}"') == ["ada@example.com"]


def test_the_case_of_names_counts_where_the_pool_says_so(provider: Provider, ada: str) -> None:
    provider.site.put("/pools/p", {"name": "P", "identifier_case_insensitive": False, "payload_schema_id": "s"})
    assert provider.found('userName eq "ADA@example.com"') == []
    assert provider.found('userName eq "ada@example.com"') == ["ada@example.com"]
    (first, *_) = provider.does("GET", f"/Schemas/{USER}")["attributes"]
    assert (first["name"], first["caseExact"]) == ("userName", True)


@pytest.mark.parametrize(
    "filter",
    [
        "userName",
        "userName eq",
        "userName eq ada",
        "userName eq 'ada'",
        "userName eq 7",
        "userName eq null",
        'userName ne "ada"',
        'userName sw "a"',
        "userName pr",
        'userName eq "a" or userName eq "b"',
        'userName eq "a" and active eq true',
        'not (userName eq "a")',
        '(userName eq "a")',
        'displayName eq "Ada"',
        'emails eq "a@example.com"',
        'emails[value eq "a@example.com"]',
        'userName[type eq "work"] eq "a"',
        'password eq "x"',
        'meta.lastModified gt "2020-01-01T00:00:00Z"',
        'userName eq "a"; drop table users',
        "[" * 500,
        'emails[type eq "' + '\\"' * 600,
        'userName eq "' + "a" * 3000 + '"',
    ],
    ids=lambda text: text[:30],
)
def test_other_filters_are_refused(provider: Provider, filter: str) -> None:
    assert provider.refused("GET", "/Users", filter=filter) == (400, "invalidFilter")


@pytest.mark.parametrize(
    ("query", "start", "count"),
    [
        ({}, 1, 5),
        ({"startIndex": 4}, 4, 2),
        ({"startIndex": 6}, 6, 0),
        ({"startIndex": 9 * 10**30}, 10**15, 0),
        ({"startIndex": 0}, 1, 5),
        ({"startIndex": -(10**30), "count": 2}, 1, 2),
        ({"count": 0}, 1, 0),
        ({"count": -1}, 1, 0),
        ({"count": 10**30}, 1, 5),
        ({"count": "", "startIndex": ""}, 1, 5),
        ({"sortBy": "userName", "sortOrder": "descending"}, 1, 5),
    ],
    ids=str,
)
def test_pages_begin_and_end_where_they_are_asked_to(
    provider: Provider, query: dict[str, int], start: int, count: int
) -> None:
    for number in range(5):
        provider.site.post("/pools/p/users", {"id": f"u{number}", "status": "active"})
    page = provider.does("GET", "/Users", **query)
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (5, start, count)
    assert [one["id"] for one in page["Resources"]] == [f"u{number}" for number in range(5)][start - 1 :][:count]


def test_ten_are_shown_unless_more_are_wanted_and_never_more_than_a_hundred(provider: Provider) -> None:
    def fill(directory: object) -> None:
        from pool_as_code.directory import users
        from pool_as_code.directory.starting import NewUser

        users.create_many(directory, [NewUser(f"u{n:03}", "p", {"status": "active"}) for n in range(120)])  # type: ignore[arg-type]

    provider.site.inside(fill)
    assert provider.does("GET", "/Users")["itemsPerPage"] == 10
    page = provider.does("GET", "/Users", count=1000, startIndex=11)
    assert (page["itemsPerPage"], page["totalResults"], page["Resources"][0]["id"]) == (100, 120, "u010")


@pytest.mark.parametrize("query", [{"count": "ten"}, {"startIndex": "1.5"}, {"count": "٣"}, {"startIndex": "--1"}])
def test_what_is_no_number_is_refused(provider: Provider, query: dict[str, str]) -> None:
    assert provider.refused("GET", "/Users", **query) == (400, "invalidValue")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"attributes": "userName"}, {"userName"}),
        ({"attributes": "USERNAME, name.givenName"}, {"userName", "name"}),
        ({"attributes": f"{USER}:active,{CUSTOM}"}, {"active", CUSTOM}),
        ({"attributes": "password,nothing"}, set()),
        (
            {"excludedAttributes": f"emails,phoneNumbers,name,meta,id,{CUSTOM}"},
            {"userName", "externalId", "active", "additionalIdentifiers"},
        ),
        ({"attributes": "active", "excludedAttributes": "active"}, {"active"}),
    ],
    ids=lambda value: " ".join(sorted(value)) if isinstance(value, set) else str(value),
)
def test_the_attributes_that_are_wanted_are_shown(
    provider: Provider, ada: str, query: dict[str, str], shown: set[str]
) -> None:
    one = provider.does("GET", f"/Users/{ada}", **query)
    assert set(one) - {"id", "schemas"} == shown
    assert {"id", "schemas"} <= set(one)
    (listed,) = provider.does("GET", "/Users", filter='userName eq "ada@example.com"', **query)["Resources"]
    assert listed == one


def test_parts_of_attributes_are_shown_and_left_out(provider: Provider, ada: str) -> None:
    one = provider.does("GET", f"/Users/{ada}", attributes=f"name.familyName,emails.value,{CUSTOM}:level")
    assert one["name"] == {"familyName": "L"}
    assert one["emails"] == [{"value": "Ada@example.com"}, {"value": "home@example.com"}]
    assert one[CUSTOM] == {"level": 3}
    other = provider.does("GET", f"/Users/{ada}", excludedAttributes=f"name.familyName,{CUSTOM}:level")
    assert (other["name"], other[CUSTOM]) == ({"givenName": "Ada"}, {"department": "care"})


def test_a_pool_says_what_its_scim_can_do(provider: Provider) -> None:
    config = provider.does("GET", "/ServiceProviderConfig")
    features = {key: config[key]["supported"] for key in ("patch", "bulk", "filter", "changePassword", "sort", "etag")}
    assert features == {
        "patch": True,
        "bulk": False,
        "filter": True,
        "changePassword": True,
        "sort": False,
        "etag": True,
    }
    (kind,) = provider.does("GET", "/ResourceTypes")["Resources"]
    assert provider.does("GET", "/ResourceTypes/User") == kind
    assert (kind["endpoint"], kind["schema"]) == ("/Users", USER)
    assert kind["schemaExtensions"] == [{"schema": CUSTOM, "required": False}]
    for path in ("/ResourceTypes/Group", f"/Schemas/{CUSTOM}x", "/Me", "/Bulk", ""):
        assert provider.refused("GET", path) == (404, "")
    assert provider.refused("GET", "/Schemas", filter='id eq "x"') == (403, "")
    assert provider.refused("POST", "/Schemas", {}) == (405, "")


def test_the_extension_is_described_by_the_schema_of_the_profile(provider: Provider) -> None:
    core, custom = provider.does("GET", "/Schemas")["Resources"]
    assert [core, custom] == [provider.does("GET", f"/Schemas/{urn}") for urn in (USER, CUSTOM)]
    names = [one["name"] for one in core["attributes"]]
    assert names[:5] == ["userName", "externalId", "name", "active", "password"]
    secret = core["attributes"][4]
    assert (secret["mutability"], secret["returned"]) == ("writeOnly", "never")
    found = {one["name"]: one for one in custom["attributes"]}
    assert sorted(found) == ["department", "level", "seat", "tags"]
    assert found["department"]["canonicalValues"] == ["sales", "care"]
    assert found["department"]["description"] == "Where somebody works"
    assert (found["level"]["type"], found["tags"]["multiValued"], found["seat"]["type"]) == ("integer", True, "complex")
    assert found["seat"]["subAttributes"][0]["type"] == "decimal"
