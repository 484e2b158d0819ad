"""What an S3 server answers, as errors: no server is needed to tell them apart."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from media.errors import CredentialsRefused, ObjectMissing, StorageError, Unsupported
from media.s3_errors import code_of, named, storage_error


@pytest.mark.parametrize(
    ("code", "kind", "retryable"),
    [
        ("NoSuchKey", ObjectMissing, False),
        ("NotImplemented", Unsupported, False),
        ("SlowDown", StorageError, True),
        ("503", StorageError, True),
        ("ExpiredToken", CredentialsRefused, False),
        ("AccessDenied", StorageError, False),
        ("Novel", StorageError, False),
    ],
)
def test_codes(code: str, kind: type[StorageError], retryable: bool) -> None:
    """Each code has its class; only what passes by itself is worth a retry at the end."""
    error = storage_error("writing", "s3://b/k", code)
    assert (type(error), error.retryable, error.target) == (kind, retryable, "s3://b/k")


def test_a_cure_is_told_where_one_is_known() -> None:
    """A person learns what to mend."""
    assert "create the bucket" in storage_error("writing", "s3://b", "NoSuchBucket").cure
    assert "AWS_SECRET_ACCESS_KEY" in storage_error("writing", "s3://b", "ExpiredToken").cure


@pytest.mark.parametrize(
    ("error", "words", "retryable"),
    [
        (ClientError({"Error": {"Code": "SlowDown"}}, "PutObject"), "SlowDown", True),
        (NoCredentialsError(), "no credentials", False),
        (EndpointConnectionError(endpoint_url="http://h"), "unreachable", True),
        (RuntimeError("they ended"), "they ended", True),
        (ValueError("odd"), "odd", False),
    ],
)
def test_errors_of_botocore_get_their_name(error: Exception, words: str, retryable: bool) -> None:
    """Whatever botocore raises says what was done, where, and whether a retry makes sense."""
    with pytest.raises(StorageError, match=words) as caught, named("writing", "s3://b/k", None):
        raise error
    assert (caught.value.operation, caught.value.target) == ("writing", "s3://b/k")
    assert caught.value.retryable is retryable


def test_an_answer_without_a_code_has_one() -> None:
    """Half an answer is no crash."""
    assert code_of(ClientError({}, "PutObject")) == "unknown"
