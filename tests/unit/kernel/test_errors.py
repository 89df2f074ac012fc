import pytest

from yinhe.kernel.errors import CurrencyMismatchError, KernelError, YinheError


def test_an_error_says_its_docstring_unless_told_more():
    assert str(CurrencyMismatchError()) == "Amounts of two currencies do not mix."
    assert str(CurrencyMismatchError("CNY and USD do not mix")) == "CNY and USD do not mix"


def test_an_error_without_a_docstring_says_that_of_its_family():
    class NewError(KernelError):
        pass

    assert str(NewError()) == str(KernelError())


def test_every_kernel_error_is_caught_as_one_of_ours():
    with pytest.raises(YinheError):
        raise CurrencyMismatchError
