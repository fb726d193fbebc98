"""The administrator's door to the audit log."""

from typing import Annotated

from fastapi import APIRouter, Query

from vivavoce.gateway.audit.schemas import AuditLogsBody, AuditQuery, audit_logs_body
from vivavoce.gateway.auth.permissions import Auditor
from vivavoce.gateway.documentation import failures
from vivavoce.gateway.parts import PartsOf

router = APIRouter(tags=["administration"])


@router.get("/api/admin/audit-logs", summary="Read the audit log", responses=failures(400, 401, 403, 503))
async def read_audit_logs(
    query: Annotated[AuditQuery, Query()], principal: Auditor, parts: PartsOf
) -> AuditLogsBody:
    """Who did what in the organization, newest first; a page may be short and still have a next one."""
    wish, organization = query.wish, principal.organization_id
    page = await parts.audit_reader.page(organization, wish, cursor=query.cursor, limit=query.limit)
    return audit_logs_body(page)
