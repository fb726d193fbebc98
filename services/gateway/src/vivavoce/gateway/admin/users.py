"""Users who came with a token, or are expected: noted once each, and in which role they act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.documents import Collection, Index
from vivavoce.chassis.errors import Forbidden, NotFound, Unauthenticated
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import AccessChanged, AccessKind, AuditAction
from vivavoce.contracts.ids import derived_id
from vivavoce.gateway.admin.numbers import Numbers
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.auth.notes import Notes, is_worth_writing
from vivavoce.gateway.auth.principals import PERMISSIONS, Principal, Role, in_role
from vivavoce.gateway.auth.remembered import Remembered
from vivavoce.gateway.auth.writing import transact_anew, write_by_organization
from vivavoce.gateway.pages import Page, PageQuery, Placed, read_page
from vivavoce.gateway.settings import GatewaySettings

KIND = "users"
DIGITS = 12


class User(Placed):
    """A user of an organization. `role` is the one they act in: the assigned one, or else the token's.

    `place` is their number with leading zeros. `first_seen_at` is None until they come.
    """

    user_id: str
    number: int
    role: Role | None
    token_role: Role | None = None
    assigned_role: Role | None = None
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None


@dataclass(frozen=True)
class Seen:
    """That a user came with a token, which named a role."""

    organization_id: str
    user_id: str
    role: Role | None
    at: datetime


def record_id(organization_id: str, user_id: str) -> str:
    """The id of a user's record; raises Unauthenticated when theirs is no text."""
    try:
        return derived_id(organization_id, user_id)
    except UnicodeEncodeError as error:
        raise Unauthenticated("The token's `sub` or organization is not valid Unicode.") from error


class Users:
    """Notes who comes, lists them, and gives roles."""

    def __init__(self, database: Database, audit: AuditLog, clock: Clock, settings: GatewaySettings) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._numbers = Numbers(database, KIND)
        self._users: Collection[User] = database.collection(
            "users",
            User,
            [
                Index((("organization_id", 1), ("place", 1)), unique=True),
                Index((("organization_id", 1), ("role", 1), ("place", 1))),
            ],
        )
        self.memory: Remembered[User] = Remembered(self._look_up, clock, settings.access_life)
        self.seen: Notes[Seen] = Notes(self._write_seen, clock)

    async def applied(self, principal: Principal) -> Principal:
        """The user whose token was believed, noted, and in the role that was assigned to them, if any."""
        user_key = record_id(principal.organization_id, principal.id)
        seen = Seen(principal.organization_id, principal.id, principal.role, self._clock.now())
        self.seen.note(user_key, seen, principal.role)
        return await self._in_assigned_role(principal, user_key)

    async def current(self, principal: Principal) -> Principal:
        """The user in the role that is assigned to them now, if any."""
        return await self._in_assigned_role(principal, record_id(principal.organization_id, principal.id))

    async def _in_assigned_role(self, principal: Principal, user_key: str) -> Principal:
        record = await self.memory.get(user_key)
        role = record.assigned_role if record else None
        return in_role(principal, role) if role else principal

    async def list(self, organization_id: str, query: PageQuery, role: Role | None) -> Page[User]:
        """A page of the organization's users by number, perhaps only those who act in one role."""
        return await read_page(self._users, organization_id, query, {} if role is None else {"role": role})

    async def assign(self, principal: Principal, context: Context, user_id: str, role: Role | None) -> User:
        """Give a user a role that outranks their token's, or take it back with None.

        One who has never come is noted as expected. Raises Forbidden for the caller's own role and for
        one that may do more than the caller; NotFound when there is nothing to take back.
        """
        if user_id in {principal.id, principal.owner}:
            raise Forbidden("Nobody changes their own role: ask another administrator.")

        async def store(uow: UnitOfWork) -> User:
            record = await self._found_or_new(user_id, role, uow)
            changed = _with_role(record, record.token_role, role)
            _check_within(principal, changed.role)
            if changed != record:
                await self._users.save(changed, uow)
                await self._audit.record(
                    uow,
                    AuditAction.USER_ROLE_ASSIGN,
                    changed.id,
                    before=_unseen(record),
                    after=_unseen(changed),
                )
                uow.emit(
                    AccessChanged(
                        organization_id=context.organization_id, kind=AccessKind.USER_ROLE, id=changed.id
                    )
                )
            return changed

        assigned = await transact_anew(self._database, context, store)
        self.memory.drop(assigned.id)
        return assigned

    async def enroll(self, user_id: str, role: Role, uow: UnitOfWork) -> int:
        """Note a user who registers here, in the transaction of that; returns their number."""
        record = await self._found_or_new(user_id, role, uow)
        await self._users.save(_with_role(record, role, record.assigned_role), uow)
        return record.number

    async def _found_or_new(self, user_id: str, role: Role | None, uow: UnitOfWork) -> User:
        organization_id = uow.context.organization_id
        record = await self._users.get(organization_id, record_id(organization_id, user_id), uow)
        if record is None and role is None:
            raise NotFound(f"There is no user {user_id}.")
        if record is None:
            [number] = await self._numbers.take(1, uow)
            record = _new(organization_id, user_id, number)
        return record

    async def _look_up(self, ids: Sequence[str]) -> Mapping[str, User]:
        found = await self._users.find_in_all_organizations({"id": {"$in": [*ids]}}, limit=len(ids))
        return {record.id: record for record in found}

    async def _write_seen(self, seen: Mapping[str, Seen]) -> None:
        await write_by_organization(self._database, seen.values(), self._write_theirs)

    async def _write_theirs(self, seen: Sequence[Seen], uow: UnitOfWork) -> None:
        """Store who came; those who are new get the next numbers, in the order in which they came."""
        ids = [record_id(one.organization_id, one.user_id) for one in seen]
        await self._users.read_ahead(ids, uow)
        records = [await self._users.get(uow.context.organization_id, each, uow) for each in ids]
        missing = records.count(None)
        numbers = iter(await self._numbers.take(missing, uow)) if missing else iter(())
        for one, record in zip(seen, records, strict=True):
            known = record or _new(one.organization_id, one.user_id, next(numbers))
            changed = _with_sight(known, one)
            if changed != record:
                await self._users.save(changed, uow)


def _new(organization_id: str, user_id: str, number: int) -> User:
    return User(
        id=record_id(organization_id, user_id),
        organization_id=organization_id,
        place=f"{number:0{DIGITS}d}",
        user_id=user_id,
        number=number,
        role=None,
    )


def _with_role(record: User, token_role: Role | None, assigned: Role | None) -> User:
    changes = {"token_role": token_role, "assigned_role": assigned, "role": assigned or token_role}
    return record.model_copy(update=changes)


def _with_sight(record: User, seen: Seen) -> User:
    """The record with what a sight tells, unless that is no news."""
    last, renewed = record.last_seen_at, is_worth_writing(record.last_seen_at, seen.at)
    other_role = seen.role != record.token_role and (last is None or last < seen.at)
    if not (renewed or other_role):
        return record
    told = _with_role(record, seen.role, record.assigned_role)
    return told.model_copy(update={"first_seen_at": record.first_seen_at or seen.at, "last_seen_at": seen.at})


def _unseen(record: User) -> User:
    """The user as administrators made them, which their coming doesn't change."""
    expected = _with_role(record, None, record.assigned_role)
    return expected.model_copy(update={"first_seen_at": None, "last_seen_at": None})


def _check_within(principal: Principal, role: Role | None) -> None:
    """Return if the principal may do all that the role may; raises Forbidden."""
    wanted = PERMISSIONS[role] if role else frozenset()
    if not all(principal.allows(permission) for permission in wanted):
        raise Forbidden(f"You can't let others act as {role}: that role may do more than you.")
