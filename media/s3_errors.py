"""What an S3 server, or the way to it, answers: as errors of ours, each with its cure."""

import contextlib
from collections.abc import Iterator

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.exceptions import (
    ConnectionError as EndpointError,
)

from media.errors import CredentialsRefused, ObjectMissing, StorageError, Unsupported

ABSENT = frozenset({"NoSuchKey", "NoSuchUpload", "404", "NotFound"})
CONDITION_FAILED = frozenset({"PreconditionFailed", "412"})
_UNKNOWN = frozenset({"NotImplemented", "501"})
_CREDENTIALS = frozenset(
    {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"}
)
_CURES = {
    "NoSuchBucket": "create the bucket, or name another",
    "AccessDenied": "allow s3:PutObject, GetObject, DeleteObject, ListBucket and "
    "AbortMultipartUpload on the bucket",
    "403": "allow the worker's key to read and write the bucket",
    "RequestTimeTooSkewed": "set this machine's clock",
    "PermanentRedirect": "set AWS_REGION to the bucket's region",
    "AuthorizationHeaderMalformed": "set AWS_REGION to the bucket's region",
}
_PASSING = frozenset(
    {"InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout", "Throttling"}
    | {"ThrottlingException", "ConditionalRequestConflict", "OperationAborted", "BadDigest"}
)


@contextlib.contextmanager
def named(operation: str, target: str, endpoint_url: str | None) -> Iterator[None]:
    """Errors of botocore within the block become `StorageError` of `operation` at `target`."""
    try:
        yield
    except ClientError as error:
        raise storage_error(operation, target, code_of(error)) from error
    except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as error:
        raise StorageError(
            operation,
            target,
            "no credentials were found",
            retryable=False,
            cure="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role",
        ) from error
    except (HTTPClientError, EndpointError) as error:
        raise StorageError(
            operation,
            target,
            f"unreachable ({type(error).__name__})",
            retryable=True,
            cure=f"is {endpoint_url or 'the AWS endpoint'} up and reachable?",
        ) from error
    except RuntimeError as error:  # botocore's, for credentials that ended and stay so
        raise StorageError(
            operation, target, str(error), retryable=True, cure="renew them"
        ) from error
    except (BotoCoreError, ValueError) as error:
        raise StorageError(operation, target, str(error), retryable=False) from error


def storage_error(operation: str, target: str, code: str) -> StorageError:
    """The error for a code of the server's."""
    if code in ABSENT:
        return ObjectMissing(operation, target)
    if code in _UNKNOWN:
        return Unsupported(operation, target)
    if code in _CREDENTIALS:
        return CredentialsRefused(operation, target, code)
    cure = _CURES.get(code, "")
    retryable = code in _PASSING or code.startswith("5")
    return StorageError(operation, target, code, retryable=retryable, cure=cure)


def code_of(error: ClientError) -> str:
    """The server's word for what is wrong."""
    return str(error.response.get("Error", {}).get("Code", "unknown"))
