"""What is tried first: passwords are made of more than these."""

from typing import Final

_WORDS: Final = """
password passwort passw0rd p@ssword p@ssw0rd pa55word passwordpassword mypassword changeme changeit letmein
letmeinnow welcome welcomeback administrator admin adminadmin root rootroot superuser default secret topsecret
qwerty qwertyuiop qwertyuiopasdfghjkl qwertyqwerty qwerty1234 qazwsx qazwsxedc qazwsxedcrfv 1qaz2wsx 1qaz2wsx3edc
1qaz2wsx3edc4rfv zaq12wsx zaq1zaq1 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y asdfghjkl asdfghjklzxcvbnm asdfasdf zxcvbnm
zxcvbnmasdfghjkl iloveyou iloveyouforever ilovemyfamily loveyou forever sunshine princess football baseball
basketball superman batman starwars dragon monkey master shadow michael jordan charlie trustno1 whatever freedom
computer internet samsung google facebook microsoft windows summer winter spring autumn january february monday
hello helloworld test testtest testing testpassword guest user username login loginlogin access temporary temppass
onetimepassword company companyname bank banker banking bankbank mybank onlinebanking teller supervisor yinhe
yinheyinhe yinhebank corebanking money moneymoney china chinachina zhongguo beijing shanghai woaini woaini1314
woaizhongguo woaiwojia wodemima mima mimamima nihao nihaoma aini5201314 5201314 1314520 woaini520 zhangsan lisi
qwe123 abc123 abcabc abcd1234 abc123456 a123456789 q123456789 woaini123 monkeymonkey correcthorsebatterystaple
thisismypassword thisisapassword passwordispassword ihatepasswords nopassword nopasswordhere iamgroot
"""

STEMS: Final = frozenset(_WORDS.split())
"""Words that, alone, repeated, or with nothing but digits and signs around them, make no password."""

RUNS: Final = (
    "01234567890123456789",
    "98765432109876543210",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "zyxwvutsrqponmlkjihgfedcba",
    "qwertyuiopasdfghjklzxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "!@#$%^&*()_+",
)
"""Characters in the order of counting, of the alphabet and of keys."""
