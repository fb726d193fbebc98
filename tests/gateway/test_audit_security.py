"""Refusals that are worth keeping are kept, and nobody can fill the log with them."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.auditing import AuditBench
from tests.support.gateway import submission, token
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.gateway.audit.actors import network_of
from vivavoce.gateway.audit.security import MOST_PER_MINUTE
from vivavoce.gateway.web import make_app, make_parts


@pytest.fixture
def bench(tmp_path: Path) -> AuditBench:
    return AuditBench(tmp_path)


async def told(bench: AuditBench) -> list[tuple[str, str, str]]:
    return [(entry.actor_id, entry.action, entry.object_id) for entry in await bench.audited()]


async def test_the_wrong_role_at_an_administrators_door_is_told(bench: AuditBench) -> None:
    async with bench.client(role="interviewer", subject="ivy") as client:
        assert (await client.get("/api/admin/api-keys")).status_code == 403
        assert (await client.delete("/api/admin/api-keys/abc?x=personal")).status_code == 403
        assert (await client.get("/api/admin/audit-logs")).status_code == 403
    assert sorted(await told(bench)) == [
        ("ivy", "security.permission_denied", "DELETE /api/admin/api-keys/{keyId}"),
        ("ivy", "security.permission_denied", "GET /api/admin/api-keys"),
        ("ivy", "security.permission_denied", "GET /api/admin/audit-logs"),
    ]


async def test_a_revoked_key_that_is_used_is_told_in_its_own_organization(bench: AuditBench) -> None:
    async with bench.client() as client:
        made = (await client.post("/api/admin/api-keys", json={"name": "import"})).json()
        await client.delete(f"/api/admin/api-keys/{made['id']}")
    async with bench.caller({"apiKey": made["key"]}) as client:
        assert (await client.post("/api/interview-record", json=submission())).status_code == 401
    assert (f"key_{made['id']}", "security.revoked_key_used", "POST /api/interview-record") in await told(
        bench
    )


async def test_made_up_credentials_are_nobodys_and_leave_nothing(bench: AuditBench) -> None:
    for headers in ({"apiKey": "viva_0123456789ab_" + "x" * 43}, {"Authorization": "Bearer no"}, {}):
        async with bench.caller(headers) as client:
            assert (await client.get("/api/admin/api-keys")).status_code == 401
    assert await bench.audited() == []


async def test_a_principal_fills_few_lines_a_minute_however_often_and_wherever_it_tries(
    bench: AuditBench,
) -> None:
    database: MemoryDatabase = bench.database
    second = make_app(make_parts(bench.settings, database, bench.asker, bench.clock, {}))
    for app in (bench.app, second, bench.app):
        bench.app = app
        async with bench.client(role="candidate", subject="eve") as client:
            for _ in range(2 * MOST_PER_MINUTE):
                await client.get("/api/admin/api-keys")
    assert len(await bench.audited()) == MOST_PER_MINUTE
    async with bench.client(role="candidate", subject="max") as client:
        await client.get("/api/admin/api-keys")
    assert len(await bench.audited()) == MOST_PER_MINUTE + 1
    await bench.clock.advance(timedelta(minutes=1))
    async with bench.client(role="candidate", subject="eve") as client:
        await client.get("/api/admin/api-keys")
    assert len(await bench.audited()) == MOST_PER_MINUTE + 2


async def test_a_refusal_stays_one_while_the_log_can_not_be_written(bench: AuditBench) -> None:
    async with bench.client(role="candidate") as client:
        assert (await client.get("/api/job-result/video-1")).status_code == 404
        bench.database.away = True
        assert (await client.get("/api/admin/api-keys")).status_code == 403


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("unknown", None),
        ("", None),
        (None, None),
    ],
)
def test_of_an_address_only_the_network_is_kept(address: str | None, network: str | None) -> None:
    assert network_of(address) == network


async def test_behind_a_trusted_proxy_the_network_is_the_callers(tmp_path: Path) -> None:
    bench = AuditBench(tmp_path, limit_trusted_proxies="10.0.0.1")
    headers = {"Authorization": f"Bearer {token()}", "X-Forwarded-For": "192.0.2.1, 198.51.100.7"}
    for peer in ("10.0.0.1", "203.0.113.9"):
        async with bench.caller(headers, peer=peer) as client:
            assert (await client.post("/api/admin/api-keys", json={"name": "n"})).status_code == 201
    origins = {entry.origin for entry in await bench.audited()}
    assert origins == {"198.51.100.0/24", "203.0.113.0/24"}
