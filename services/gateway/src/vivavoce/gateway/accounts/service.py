"""What people do with their accounts: register, sign in, stay signed in, leave, change their password."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.errors import (
    AlreadyExists,
    Conflict,
    FieldProblem,
    Forbidden,
    InvalidInput,
    Overloaded,
    Unauthenticated,
)
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.uow import RESULT, Database, UnitOfWork
from vivavoce.contracts import AuditAction
from vivavoce.gateway.accounts.access_tokens import AccessTokens
from vivavoce.gateway.accounts.context import context_for
from vivavoce.gateway.accounts.guard import Guard, Try
from vivavoce.gateway.accounts.hashing import Passwords, Verdict
from vivavoce.gateway.accounts.origins import Origin
from vivavoce.gateway.accounts.passwords import guess_problem
from vivavoce.gateway.accounts.repository import (
    Account,
    AccountStore,
    email_key,
    new_account_id,
    recorded_account,
)
from vivavoce.gateway.accounts.sessions import OpenedSession, Sessions, session_changed
from vivavoce.gateway.accounts.standing import principal_of
from vivavoce.gateway.admin.users import Users
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.audit.security import SecurityLog
from vivavoce.gateway.auth.principals import Principal, Role, user
from vivavoce.gateway.auth.writing import transact_anew
from vivavoce.gateway.settings import GatewaySettings

RUNS = 3
RETRY_SECONDS = 1.0

log = get_logger("vivavoce.security")


@dataclass(frozen=True)
class Registration:
    """What somebody registers with."""

    email: str
    name: str
    password: str


class AccountService:
    """The use cases of accounts."""

    def __init__(
        self,
        database: Database,
        users: Users,
        audit: AuditLog,
        security: SecurityLog,
        clock: Clock,
        settings: GatewaySettings,
    ) -> None:
        secret = settings.signing_secret.get_secret_value()
        self._database = database
        self._users = users
        self._audit = audit
        self._security = security
        self._clock = clock
        self._organization = settings.registration_organization
        self._tokens = AccessTokens(secret, settings.access_token_seconds, clock)
        self._store = AccountStore(database)
        self._passwords = Passwords(settings)
        self._guard = Guard(database, clock, settings, secret)
        self.sessions = Sessions(database, self._store.accounts, audit, self._tokens, clock, settings)

    async def register(self, wanted: Registration, origin: Origin) -> tuple[OpenedSession, bool]:
        """A session of the new account, and True; with the password of one that is there, and False.

        So whoever never got the answer may ask again. Raises Forbidden while registration is closed,
        InvalidInput for a password that is guessed first, Conflict for an e-mail that has an account
        with another password, RateLimited.
        """
        if not self._organization:
            raise Forbidden("Registration is closed here: REGISTRATION_ORGANIZATION is not set.")
        self._tokens.require_secret()
        _check_new_password("password", wanted.password, wanted.email)
        for _ in range(RUNS):
            attempt = await self._guard.admit(email_key(wanted.email), origin)
            account = await self._store.find(self._organization, wanted.email)
            if account is not None:
                return await self._register_again(account, wanted, attempt), False
            try:
                return await self._create(wanted, attempt), True
            except AlreadyExists:
                await self._guard.give_back(attempt)
        raise Overloaded("Many people are registering at this moment. Try again.", retry_after=RETRY_SECONDS)

    async def sign_in(self, email: str, password: str, origin: Origin) -> OpenedSession:
        """A new session; raises Unauthenticated, in one way for all reasons, or RateLimited."""
        self._tokens.require_secret()
        attempt = await self._guard.admit(email_key(email), origin)
        if self._organization:
            account = await self._store.find(self._organization, email)
        else:
            account = await self._store.find_anywhere(email)
        opened = await self._try(account, password, attempt)
        if opened is None:
            await self._note_failure(email, account)
            raise Unauthenticated("The e-mail or the password is not right.")
        return opened

    async def refresh(self, refresh_token: str, origin: Origin) -> OpenedSession:
        """New tokens for a refresh token; raises Unauthenticated."""
        opened = await self.sessions.refresh(refresh_token, self._guard.pseudonym(origin.address))
        return opened.acting_as(await self._users.current(principal_of(opened.account)))

    async def sign_out(self, principal: Principal) -> None:
        """End the principal's session."""
        await self.sessions.end(principal)

    async def sign_out_everywhere(self, principal: Principal) -> None:
        """End all sessions of the principal's account, this one too."""

        async def work(uow: UnitOfWork) -> None:
            account = await self._own(principal, uow)
            await self._end_sessions(
                AuditAction.ACCOUNT_SIGN_OUT_EVERYWHERE, account, _next_generation(account), uow
            )

        await self._transact(principal, work)
        self.sessions.reader.drop(principal.id)

    async def change_password(self, principal: Principal, current: str, new: str, origin: Origin) -> None:
        """Take a new password and end all other sessions; raises InvalidInput, RateLimited."""
        account = await self._own(principal)
        _check_new_password("new_password", new, account.email)
        attempt = await self._guard.admit(account.email_key, origin)
        right, _ = await self._verified(account, current, attempt)
        if not right:
            await self._note_failure(account.email, account, principal)
            problem = FieldProblem("current_password", "is not right")
            raise InvalidInput("The current password is not right.", problems=(problem,))
        renewed = await self._hashed(new, attempt)

        async def work(uow: UnitOfWork) -> None:
            now = _unchanged(await self._own(principal, uow), account)
            changed = _next_generation(now).model_copy(
                update={"password_hash": renewed, "password_version": now.password_version + 1}
            )
            await self._end_sessions(AuditAction.ACCOUNT_CHANGE_LOGIN, now, changed, uow)
            await self.sessions.renew(principal, changed, uow)
            await self._guard.succeeded(attempt, uow)

        await self._transact(principal, work)
        self.sessions.reader.drop(principal.id)
        log.info("password_changed", organization_id=account.organization_id, account_id=account.id)

    async def account_of(self, principal: Principal) -> Account | None:
        """The principal's account; None for who came by another door."""
        return await self._store.accounts.get(principal.organization_id, principal.id)

    async def _register_again(self, account: Account, wanted: Registration, attempt: Try) -> OpenedSession:
        opened = await self._try(account, wanted.password, attempt)
        if opened is None:
            await self._note_failure(wanted.email, account)
            raise Conflict(
                "There is an account with this e-mail, and this is not its password. Sign in, or ask "
                "whoever invited you for help."
            )
        return opened

    async def _create(self, wanted: Registration, attempt: Try) -> OpenedSession:
        """Raises AlreadyExists when somebody else was quicker with the e-mail or the number."""
        hashed, organization = await self._hashed(wanted.password, attempt), self._organization
        newcomer = user(new_account_id(), organization, Role.CANDIDATE)

        async def work(uow: UnitOfWork) -> OpenedSession:
            account = Account(
                id=newcomer.id,
                organization_id=organization,
                number=await self._users.enroll(newcomer.id, Role.CANDIDATE, uow),
                email=wanted.email,
                email_key=email_key(wanted.email),
                name=wanted.name,
                role=Role.CANDIDATE,
                password_hash=hashed,
                created_at=self._clock.now(),
            )
            await self._store.accounts.insert(account, uow)
            await self._audit.record(
                uow, AuditAction.ACCOUNT_REGISTER, account.id, after=recorded_account(account)
            )
            await self._guard.succeeded(attempt, uow)
            return await self.sessions.open(account, uow)

        return await self._database.transact(context_for(organization, newcomer), work)

    async def _try(self, account: Account | None, password: str, attempt: Try) -> OpenedSession | None:
        """A session of the account if the password is its; as much work when there is no account."""
        right, renewed = await self._verified(account, password, attempt)
        if not right or account is None:
            return None

        async def work(uow: UnitOfWork) -> OpenedSession:
            found = await self._store.accounts.get(account.organization_id, account.id, uow)
            now = _unchanged(found, account)
            if renewed is not None:
                now = now.model_copy(update={"password_hash": renewed})
                await self._store.accounts.save(now, uow)
            await self._guard.succeeded(attempt, uow)
            return await self.sessions.open(now, uow)

        principal = await self._users.current(principal_of(account))
        return (await self._transact(principal, work)).acting_as(principal)

    async def _transact(
        self, principal: Principal, work: Callable[[UnitOfWork], Awaitable[RESULT]]
    ) -> RESULT:
        """Run what a principal does to their own account."""
        context = context_for(principal.organization_id, principal)
        return await transact_anew(self._database, context, work)

    async def _end_sessions(
        self, action: AuditAction, before: Account, after: Account, uow: UnitOfWork
    ) -> None:
        """Store an account's next generation and have every instance forget its sessions, with the commit."""
        await self._store.accounts.save(after, uow)
        told = recorded_account(before), recorded_account(after)
        await self._audit.record(uow, action, after.id, before=told[0], after=told[1])
        uow.emit(session_changed(after.organization_id, after.id))

    async def _note_failure(
        self, email: str, account: Account | None, principal: Principal | None = None
    ) -> None:
        """Tell the logs of a wrong password, with the same work whether or not there is such an account."""
        pseudonym = self._guard.pseudonym(email_key(email))
        log.info("sign_in_failed", account=pseudonym)
        organization = account.organization_id if account else self._guard.organization
        context = context_for(organization, principal)
        attempted = account.id if account else pseudonym
        await self._security.refused(context, AuditAction.SECURITY_SIGN_IN_FAILED, attempted)

    async def _verified(self, account: Account | None, password: str, attempt: Try) -> Verdict:
        try:
            return await self._passwords.verify(password, account.password_hash if account else None)
        except Overloaded:
            await self._guard.give_back(attempt)
            raise

    async def _hashed(self, password: str, attempt: Try) -> str:
        try:
            return await self._passwords.hash(password)
        except Overloaded:
            await self._guard.give_back(attempt)
            raise

    async def _own(self, principal: Principal, uow: UnitOfWork | None = None) -> Account:
        account = await self._store.accounts.get(principal.organization_id, principal.id, uow)
        if account is None:
            raise Unauthenticated("The account is no longer there.")
        return account


def _check_new_password(field: str, password: str, email: str) -> None:
    problem = guess_problem(password, email)
    if problem is not None:
        raise InvalidInput("Choose another password.", problems=(FieldProblem(field, problem),))


def _unchanged(account: Account | None, verified: Account) -> Account:
    """The account as it is now, if the password that was verified is still its."""
    if account is None or account.password_version != verified.password_version:
        raise Unauthenticated("The e-mail or the password is not right.")
    return account


def _next_generation(account: Account) -> Account:
    return account.model_copy(update={"generation": account.generation + 1})
