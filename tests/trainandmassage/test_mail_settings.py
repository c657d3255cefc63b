"""EMAIL_URL: how mail leaves the machine."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from trainandmassage.settings import mail_settings


@pytest.mark.parametrize(
    ("query", "tls", "ssl"),
    [
        ("", False, False),
        ("?tls=1", True, False),
        ("?tls=true", True, False),
        ("?ssl=YES", False, True),
        ("?tls=0&ssl=on", False, True),
    ],
)
def test_mail_is_encrypted_as_the_address_says(query: str, tls: bool, ssl: bool) -> None:
    found = mail_settings(f"smtp://practice%40mail.example:secret@mail.example:587/{query}")

    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (tls, ssl)
    assert found["EMAIL_HOST_USER"] == "practice@mail.example"


@pytest.mark.parametrize("query", ["tls=maybe", "tls=", "tls=1&ssl=1", "starttls=1", "tls=1&tls=0"])
def test_mail_address_that_says_something_else_is_refused(query: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        mail_settings(f"smtp://mail.example:587/?{query}")


@pytest.mark.parametrize("password", ["12#34", "p#s", "p/s", "p[s", "p?s"])
def test_password_that_breaks_the_address_is_refused_and_not_repeated(password: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL") as refusal:
        mail_settings(f"smtp://practice:{password}@mail.example:587/?tls=1")

    assert password not in str(refusal.value)


def test_password_with_its_signs_written_out_is_read_back() -> None:
    found = mail_settings("smtp://practice:a%2Fb%3Fc%23d%5Be@mail.example:587/?tls=1")

    assert found["EMAIL_HOST_PASSWORD"] == "a/b?c#d[e"  # noqa: S105 -- nobody's
