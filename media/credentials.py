"""What is known of the AWS credentials in use, without showing them."""

from dataclasses import dataclass
from datetime import datetime

import boto3
from botocore.exceptions import BotoCoreError


@dataclass(frozen=True, slots=True)
class TemporaryCredentials:
    """Credentials of a session; `ends_at`, None where nobody told, is the end of every URL too."""

    ends_at: datetime | None


def temporary_credentials() -> TemporaryCredentials | None:
    """The credentials of the AWS standard settings, None where they are lasting ones, or none.

    Blocks: a machine's role is asked for over the network.
    """
    try:
        credentials = boto3.Session().get_credentials()
        if credentials is None or not credentials.get_frozen_credentials().token:
            return None
    except (BotoCoreError, RuntimeError):  # none, or ended: whoever uses them says so better
        return None
    ends_at = getattr(credentials, "_expiry_time", None)  # boto3 has no public word for it
    return TemporaryCredentials(ends_at if isinstance(ends_at, datetime) else None)
