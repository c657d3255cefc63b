from __future__ import annotations

import pytest

from clients.demo.builders import make_practice
from clients.practice import rewrite
from tests.together import together


@pytest.mark.django_db(transaction=True)
def test_parts_of_one_column_that_are_saved_at_once_all_stay() -> None:
    practice = make_practice()

    def one(number: int) -> None:
        rewrite(practice, "texts", lambda kept: {**kept, str(number): {}})

    assert together(one, times=5, numbered=True) == [None] * 5
    practice.refresh_from_db()
    assert practice.texts == {str(number): {} for number in range(5)}
