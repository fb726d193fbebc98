"""Who may create something: the same permissions, once for each Idempotency-Key."""

from typing import Annotated

from fastapi import Depends

from vivavoce.gateway.auth.permissions import having
from vivavoce.gateway.auth.principals import Permission, Principal
from vivavoce.gateway.idempotency.once import once

InterviewCreator = Annotated[Principal, Depends(once(having(Permission.SUBMIT)))]
WebhookCreator = Annotated[Principal, Depends(once(having(Permission.WEBHOOKS)))]
KeyCreator = Annotated[Principal, Depends(once(having(Permission.KEYS)))]
LinkCreator = Annotated[Principal, Depends(once(having(Permission.LINKS)))]
