"""What tests of whole bots share."""

from tests.e2e.lending import lent

__all__ = ["lent"]
