"""Every reason speaks English and Chinese, in its own words."""

import pytest

from yinhe.access.refusals import AccessRefusal
from yinhe.identity.refusals import IdentityRefusal
from yinhe.kernel.refusals import ReasonEnum


@pytest.mark.parametrize("reason", [*AccessRefusal, *IdentityRefusal], ids=lambda reason: reason.name)
def test_a_reason_is_told_in_both_languages_without_a_full_stop(reason: ReasonEnum) -> None:
    assert reason.english.isascii()
    assert any("\u4e00" <= sign <= "\u9fff" for sign in reason.chinese)
    assert not reason.english.endswith(".")
    assert not reason.chinese.endswith("。")


def test_no_reason_is_named_twice() -> None:
    names = [reason.name for reason in (*AccessRefusal, *IdentityRefusal)]
    assert len(set(names)) == len(names)
