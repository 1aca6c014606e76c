"""Several tenants in one process: nothing of one is seen, used, blocked or filled from another; and the workspaces of one tenant."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from pool_as_code.app.serving import ServeOptions, _clients, _tenants
from pool_as_code.cli.root import root
from pool_as_code.core.clock import now
from pool_as_code.core.errors import InvalidInput
from pool_as_code.directory.directory import Directory
from pool_as_code.directory.hashing import TEST_PARAMETERS
from pool_as_code.server.app import create_app
from pool_as_code.server.clients import Client, named_client, read_clients
from pool_as_code.server.signing import fixed, new_key
from pool_as_code.server.site import Settings
from tests.server.site import Asked, InProcess
from tests.server.test_flows import GOOD
from tests.server.test_serve import served

SECRET = "sixteen letters!"
TENANTS = ("one", "two")
KEY = "k" * 32


def client(id: str, *servers: str, **more: Any) -> Client:
    return Client(id, frozenset(servers), secret_digest=hashlib.sha256(SECRET.encode()).digest(), **more)


class Both:
    """Two tenants behind one address, with one signing key: what keeps them apart is no accident of keys."""

    def __init__(self) -> None:
        keys = fixed(new_key())
        self.app = create_app(
            *(
                Settings(
                    lambda: Directory(None, environ={}, hash_parameters=TEST_PARAMETERS, clock=now),
                    tenant=tenant,
                    clients=(client("shared", "system", "admin"), client(f"only-{tenant}", "system", "admin")),
                    keys=keys,
                    own_url="http://testserver",
                    threads=1,
                    dev=True,
                )
                for tenant in TENANTS
            )
        )
        self.http = httpx.Client(transport=InProcess(self.app), base_url="http://testserver")

    def token(self, tenant: str, server: str = "system", id: str = "shared") -> httpx.Response:
        form = {"grant_type": "client_credentials"}
        return self.http.post(f"/{tenant}/{server}/oauth2/token", data=form, auth=(id, SECRET))

    def bearer(self, tenant: str, server: str = "system") -> dict[str, str]:
        return {"authorization": f"Bearer {self.token(tenant, server).json()['access_token']}"}

    def ask(
        self, tenant: str, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        url = f"/api/identity/{tenant}/system{path}"
        return self.http.request(method, url, json=body, headers={**self.bearer(tenant), **(headers or {})})


@pytest.fixture
def both() -> Iterator[Both]:
    made = Both()
    with made.http:
        for tenant in TENANTS:
            pool = {"id": "p", "name": tenant, "public_registration_allowed": True}
            assert made.ask(tenant, "POST", "/pools", pool).status_code == 201
        yield made


def test_a_path_leads_to_the_directory_of_its_tenant(both: Both) -> None:
    assert both.ask("one", "POST", "/pools", {"id": "mine", "name": "M"}).status_code == 201
    assert both.ask("two", "GET", "/pools/mine").status_code == 404
    assert [both.ask(tenant, "GET", "/pools/p").json()["name"] for tenant in TENANTS] == ["one", "two"]
    for tenant in TENANTS:
        found = both.http.get(f"/{tenant}/system/.well-known/openid-configuration").json()
        assert found["issuer"] == f"http://testserver/{tenant}/system"
        assert both.http.get(f"/.well-known/openid-configuration/{tenant}/system").json() == found
        assert both.http.get("/health", params={"tenant": tenant}).status_code == 200


@pytest.mark.parametrize("server", ["system", "admin"])
def test_a_token_of_one_tenant_opens_nothing_of_another(both: Both, server: str) -> None:
    for base in (f"/api/identity/two/{server}/pools", "/api/system/two/organizations", "/api/hub/two/promote/config"):
        assert both.http.get(base, headers=both.bearer("one", server)).status_code == 401
    token = both.token("one", server).json()["access_token"]
    asked = both.http.post(f"/two/{server}/oauth2/introspect", data={"token": token}, auth=("shared", SECRET))
    assert asked.json() == {"active": False}


def test_a_client_of_one_tenant_is_nobody_in_another(both: Both) -> None:
    assert both.token("one", id="only-one").status_code == 200
    assert both.token("two", id="only-one").json()["error"] == "invalid_client"


def test_who_is_blocked_in_one_tenant_is_not_in_another(both: Both) -> None:
    headers = {tenant: both.bearer(tenant) for tenant in TENANTS}
    for tenant in TENANTS:
        user = {"id": "ada", "status": "active", "credentials": [{"type": "password", "password": GOOD}]}
        assert both.ask(tenant, "POST", "/pools/p/users", user).status_code == 201
    form = {"grant_type": "client_credentials"}
    for _ in range(6):
        body = {"userID": "ada", "password": "wrong"}
        both.http.post("/api/identity/one/system/pools/p/user/password/verify", json=body, headers=headers["one"])
        both.http.post("/one/system/oauth2/token", data=form, auth=("shared", "wrong"))
    right = {"userID": "ada", "password": GOOD}
    found = [
        both.http.post(
            f"/api/identity/{tenant}/system/pools/p/user/password/verify", json=right, headers=headers[tenant]
        ).status_code
        for tenant in TENANTS
    ]
    assert found == [429, 200]
    assert [both.token(tenant).status_code for tenant in TENANTS] == [429, 200]


def test_an_answer_of_one_tenant_is_not_given_again_in_another(both: Both) -> None:
    headers = {"x-idempotency-key": KEY}
    made = [both.ask(tenant, "POST", "/pools", {"name": "Same"}, headers) for tenant in TENANTS]
    assert [one.status_code for one in made] == [201, 201]
    assert all("x-idempotent-replayed" not in one.headers for one in made)
    assert made[0].json()["id"] != made[1].json()["id"]


def test_messages_and_codes_of_one_tenant_are_not_another_s(both: Both) -> None:
    assert both.ask("one", "POST", "/pools/p/user/register", {"identifier": "eve@example.com"}).status_code == 201
    here = {"host": "localhost"}
    (message,) = both.http.get("/dev/outbox", params={"tenant": "one"}, headers=here).json()["messages"]
    assert both.http.get("/dev/outbox", params={"tenant": "two"}, headers=here).json()["messages"] == []
    code = {"code": message["extended_code"]}
    assert both.ask("two", "POST", "/pools/p/user/activate", code).status_code == 401
    assert both.http.get("/two/identity/p/activate", params=code).status_code == 401
    assert both.ask("one", "POST", "/pools/p/user/activate", code).status_code == 201


@pytest.mark.parametrize(
    "path", ["/three/system/.well-known/jwks.json", "/api/identity/three/system/pools", "/api/identity", "/", "/dev/x"]
)
def test_a_tenant_that_is_not_there_is_told_like_a_path_that_is_not_there(both: Both, path: str) -> None:
    assert both.http.get(path, headers=both.bearer("one")).status_code == 404


# -- workspaces of one tenant


@pytest.fixture
def shops() -> Iterator[Asked]:
    """Two workspaces with a pool each; one user in each with the same name and password."""
    apps = [client(f"app-{name}", name, grants=frozenset({"password"})) for name in ("red", "blue")]
    with Asked(clients=tuple(apps)) as site:
        for name in ("red", "blue"):
            site.post("/api/admin/default/servers", {"id": name, "name": name})
            site.post(f"/admin/workspace/{name}/pools", {"id": f"p-{name}", "name": name}, with_idp="true")
            user = {
                "id": f"ada-{name}",
                "status": "active",
                "identifiers": [{"identifier": "ada", "type": "uid"}],
                "credentials": [{"type": "password", "password": GOOD}],
            }
            site.post(f"/pools/p-{name}/users", user)
        yield site


def user_token(site: Asked, server: str, app: str) -> httpx.Response:
    form = {"grant_type": "password", "username": "ada", "password": GOOD}
    return site.http.post(f"/default/{server}/oauth2/token", data=form, auth=(app, SECRET))


def test_a_user_signs_in_to_the_pool_of_the_workspace_that_was_asked(shops: Asked) -> None:
    for name in ("red", "blue"):
        token = user_token(shops, name, f"app-{name}").json()["access_token"]
        headers = {"authorization": f"Bearer {token}"}
        for other in ("red", "blue"):
            answer = shops.http.get(f"/default/{other}/identity/self/me", headers=headers)
            assert answer.status_code == (200 if other == name else 401)
            assert other != name or answer.json()["id"] == f"ada-{name}"
        for path in ("/pools", "/admin/pools", "/api/admin/default/servers", "/configuration"):
            assert shops.ask("GET", path, headers=headers).status_code == 401
    assert user_token(shops, "blue", "app-red").json()["error"] == "unauthorized_client"
    assert user_token(shops, "system", "app-red").json()["error"] == "unauthorized_client"


def test_a_code_of_one_workspace_s_pool_is_none_at_another(shops: Asked) -> None:
    made = shops.post("/pools/p-red/users/ada-red/code/generate", {"type": "reset_password"})
    body = {"code": made["extended_code"], "new_password": GOOD + "2"}
    for server, pool in (("blue", "p-red"), ("blue", "p-blue"), ("red", "p-blue")):
        url = f"/default/{server}/identity/public/pools/{pool}/reset-password/confirm"
        assert shops.http.post(url, json=body).status_code in (401, 404)
    url = "/default/red/identity/public/pools/p-red/reset-password/confirm"
    assert shops.http.post(url, json=body).status_code == 204


# -- the command


def test_a_client_is_registered_by_an_option_that_names_the_variable_of_its_secret() -> None:
    environ = {"ROBOT": SECRET}
    made = named_client("robot:ROBOT", environ)
    assert (made.id, made.tenant) == ("robot", "")
    assert made.servers == {"system", "admin"}
    assert named_client("two/robot:ROBOT:system,shop", environ).servers == {"system", "shop"}
    for text in (
        "robot",
        "robot:",
        ":ROBOT",
        "robot:sixteen letters!",
        "/robot:ROBOT",
        "robot:ROBOT:,",
        "robot:MISSING",
    ):
        with pytest.raises(InvalidInput) as refused:
            named_client(text, environ)
        assert SECRET not in refused.value.message + refused.value.hint


def test_a_client_belongs_to_the_tenant_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "clients.yaml").write_text(
        "clients:\n"
        "- {id: robot, tenant: one, servers: [system], secret: {fromEnv: ROBOT}}\n"
        "- {id: robot, tenant: two, servers: [admin], secret: {fromEnv: ROBOT}}\n"
    )
    environ = {"ROBOT": SECRET}
    options = ServeOptions(clients=tmp_path / "clients.yaml", client=("two/other:ROBOT",))
    found, _ = _clients(TENANTS, options, environ, "http://x")
    assert {tenant: [one.id for one in clients] for tenant, clients in found.items()} == {
        "one": ["robot"],
        "two": ["robot", "other"],
    }
    assert {one.tenant for one in read_clients(tmp_path / "clients.yaml", environ)} == {"one", "two"}
    for client_option, said in (
        ("other:ROBOT", "belongs to no tenant"),
        ("three/other:ROBOT", "belongs to no tenant"),
        ("two/robot:ROBOT", "registered twice"),
    ):
        with pytest.raises(InvalidInput, match=said):
            _clients(TENANTS, ServeOptions(clients=options.clients, client=(client_option,)), environ, "http://x")
    with pytest.raises(InvalidInput, match="no client of tenant two"):
        _clients(TENANTS, ServeOptions(client=("one/other:ROBOT",)), environ, "http://x")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tenant", "a/b"], "letters, digits"),
        (["--tenant", "api"], "letters, digits"),
        (["--tenant", "one", "--tenant", "two"], "a directory of its own"),
        (["--tenant", "one=sqlite:///1.db", "--tenant", "one=sqlite:///2.db"], "twice"),
        (["--tenant", "one=sqlite:///1.db", "--store", "sqlite:///2.db"], "the same thing twice"),
        (["--tenant", "one="], "followed by a store"),
        (["--tenant", "one=sqlite:///1.db", "--tenant", "two=sqlite:///./1.db"], "the same directory"),
        (["--tenant", "one=postgresql://other.example/one"], "other.example"),
        (["--client", "robot:sixteen letters!"], "--client needs"),
    ],
)
def test_tenants_that_would_not_be_apart_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POOL_AS_CODE_ALLOWED_HOSTS", "id.example")
    result = CliRunner().invoke(root, ["serve", "--port", "0", "--dev", *arguments])
    assert result.exit_code in (1, 4)
    assert said in result.stderr
    assert SECRET not in result.stderr


def test_one_process_serves_several_tenants_each_from_its_store(tmp_path: Path) -> None:
    arguments = ("--tenant", "one=sqlite:///1.db", "--tenant", "two=memory:")
    with served(tmp_path, *arguments) as (url, variables, process):
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(6)]
        assert lines[0] == "# web applications: client dev-web, http://localhost:3000/"
        more = dict(line.removeprefix("export ").split("=", 1) for line in lines[1:])
        assert variables["POOL_AS_CODE_STORE"].endswith("/one")
        assert more["POOL_AS_CODE_STORE"].endswith("/two")
        secrets = [one["POOL_AS_CODE_CLIENT_SECRET"] for one in (variables, more)]
        assert secrets[0] != secrets[1]
        form = {"grant_type": "client_credentials"}
        found = {
            (tenant, number): httpx.post(
                f"{url}/{tenant}/system/oauth2/token", data=form, auth=("dev", secret)
            ).status_code
            for tenant in TENANTS
            for number, secret in enumerate(secrets)
        }
        assert found == {("one", 0): 200, ("one", 1): 401, ("two", 0): 401, ("two", 1): 200}
        keys = [httpx.get(f"{url}/{tenant}/system/.well-known/jwks.json").json() for tenant in TENANTS]
        assert keys[0] != keys[1]


def test_without_a_name_the_tenant_is_called_default() -> None:
    assert _tenants(_Asking(), ServeOptions()) == [("default", None)]  # type: ignore[arg-type]


class _Asking:
    store = None
