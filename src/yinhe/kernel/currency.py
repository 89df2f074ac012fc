"""Currencies: the active codes of ISO 4217 that have a minor unit, with their Chinese names.

Left out are the codes that are no account currency: precious metals, drawing rights, bond-market units and test codes.
"""

from typing import Final

import msgspec

from yinhe.kernel.errors import UnknownCurrencyError


class Currency(msgspec.Struct, frozen=True):
    """A currency of ISO 4217; `number` is its numeric code, which the engine's columns hold.

    `scale` is the number of decimals: 2 means that 100 minor units make one, 0 that there is no smaller unit.
    """

    code: str
    number: int
    scale: int
    name: str
    name_zh: str


CURRENCIES: Final = (
    Currency("AED", 784, 2, "UAE Dirham", "阿联酋迪拉姆"),
    Currency("AFN", 971, 2, "Afghani", "阿富汗尼"),
    Currency("ALL", 8, 2, "Lek", "阿尔巴尼亚列克"),
    Currency("AMD", 51, 2, "Armenian Dram", "亚美尼亚德拉姆"),
    Currency("AOA", 973, 2, "Kwanza", "安哥拉宽扎"),
    Currency("ARS", 32, 2, "Argentine Peso", "阿根廷比索"),
    Currency("AUD", 36, 2, "Australian Dollar", "澳大利亚元"),
    Currency("AWG", 533, 2, "Aruban Florin", "阿鲁巴弗罗林"),
    Currency("AZN", 944, 2, "Azerbaijan Manat", "阿塞拜疆马纳特"),
    Currency("BAM", 977, 2, "Convertible Mark", "波斯尼亚-黑塞哥维那可兑换马克"),
    Currency("BBD", 52, 2, "Barbados Dollar", "巴巴多斯元"),
    Currency("BDT", 50, 2, "Taka", "孟加拉塔卡"),
    Currency("BHD", 48, 3, "Bahraini Dinar", "巴林第纳尔"),
    Currency("BIF", 108, 0, "Burundi Franc", "布隆迪法郎"),
    Currency("BMD", 60, 2, "Bermudian Dollar", "百慕大元"),
    Currency("BND", 96, 2, "Brunei Dollar", "文莱元"),
    Currency("BOB", 68, 2, "Boliviano", "玻利维亚诺"),
    Currency("BOV", 984, 2, "Mvdol", "玻利维亚资金单位"),
    Currency("BRL", 986, 2, "Brazilian Real", "巴西雷亚尔"),
    Currency("BSD", 44, 2, "Bahamian Dollar", "巴哈马元"),
    Currency("BTN", 64, 2, "Ngultrum", "不丹努尔特鲁姆"),
    Currency("BWP", 72, 2, "Pula", "博茨瓦纳普拉"),
    Currency("BYN", 933, 2, "Belarusian Ruble", "白俄罗斯卢布"),
    Currency("BZD", 84, 2, "Belize Dollar", "伯利兹元"),
    Currency("CAD", 124, 2, "Canadian Dollar", "加拿大元"),
    Currency("CDF", 976, 2, "Congolese Franc", "刚果法郎"),
    Currency("CHE", 947, 2, "WIR Euro", "WIR 欧元"),
    Currency("CHF", 756, 2, "Swiss Franc", "瑞士法郎"),
    Currency("CHW", 948, 2, "WIR Franc", "WIR 法郎"),
    Currency("CLF", 990, 4, "Unidad de Fomento", "智利发展单位"),
    Currency("CLP", 152, 0, "Chilean Peso", "智利比索"),
    Currency("CNY", 156, 2, "Yuan Renminbi", "人民币"),
    Currency("COP", 170, 2, "Colombian Peso", "哥伦比亚比索"),
    Currency("COU", 970, 2, "Unidad de Valor Real", "哥伦比亚实际价值单位"),
    Currency("CRC", 188, 2, "Costa Rican Colon", "哥斯达黎加科朗"),
    Currency("CUP", 192, 2, "Cuban Peso", "古巴比索"),
    Currency("CVE", 132, 2, "Cabo Verde Escudo", "佛得角埃斯库多"),
    Currency("CZK", 203, 2, "Czech Koruna", "捷克克朗"),
    Currency("DJF", 262, 0, "Djibouti Franc", "吉布提法郎"),
    Currency("DKK", 208, 2, "Danish Krone", "丹麦克朗"),
    Currency("DOP", 214, 2, "Dominican Peso", "多米尼加比索"),
    Currency("DZD", 12, 2, "Algerian Dinar", "阿尔及利亚第纳尔"),
    Currency("EGP", 818, 2, "Egyptian Pound", "埃及镑"),
    Currency("ERN", 232, 2, "Nakfa", "厄立特里亚纳克法"),
    Currency("ETB", 230, 2, "Ethiopian Birr", "埃塞俄比亚比尔"),
    Currency("EUR", 978, 2, "Euro", "欧元"),
    Currency("FJD", 242, 2, "Fiji Dollar", "斐济元"),
    Currency("FKP", 238, 2, "Falkland Islands Pound", "福克兰群岛镑"),
    Currency("GBP", 826, 2, "Pound Sterling", "英镑"),
    Currency("GEL", 981, 2, "Lari", "格鲁吉亚拉里"),
    Currency("GHS", 936, 2, "Ghana Cedi", "加纳塞地"),
    Currency("GIP", 292, 2, "Gibraltar Pound", "直布罗陀镑"),
    Currency("GMD", 270, 2, "Dalasi", "冈比亚达拉西"),
    Currency("GNF", 324, 0, "Guinean Franc", "几内亚法郎"),
    Currency("GTQ", 320, 2, "Quetzal", "危地马拉格查尔"),
    Currency("GYD", 328, 2, "Guyana Dollar", "圭亚那元"),
    Currency("HKD", 344, 2, "Hong Kong Dollar", "港元"),
    Currency("HNL", 340, 2, "Lempira", "洪都拉斯伦皮拉"),
    Currency("HTG", 332, 2, "Gourde", "海地古德"),
    Currency("HUF", 348, 2, "Forint", "匈牙利福林"),
    Currency("IDR", 360, 2, "Rupiah", "印度尼西亚卢比"),
    Currency("ILS", 376, 2, "New Israeli Sheqel", "以色列新谢克尔"),
    Currency("INR", 356, 2, "Indian Rupee", "印度卢比"),
    Currency("IQD", 368, 3, "Iraqi Dinar", "伊拉克第纳尔"),
    Currency("IRR", 364, 2, "Iranian Rial", "伊朗里亚尔"),
    Currency("ISK", 352, 0, "Iceland Krona", "冰岛克朗"),
    Currency("JMD", 388, 2, "Jamaican Dollar", "牙买加元"),
    Currency("JOD", 400, 3, "Jordanian Dinar", "约旦第纳尔"),
    Currency("JPY", 392, 0, "Yen", "日元"),
    Currency("KES", 404, 2, "Kenyan Shilling", "肯尼亚先令"),
    Currency("KGS", 417, 2, "Som", "吉尔吉斯斯坦索姆"),
    Currency("KHR", 116, 2, "Riel", "柬埔寨瑞尔"),
    Currency("KMF", 174, 0, "Comorian Franc", "科摩罗法郎"),
    Currency("KPW", 408, 2, "North Korean Won", "朝鲜元"),
    Currency("KRW", 410, 0, "Won", "韩元"),
    Currency("KWD", 414, 3, "Kuwaiti Dinar", "科威特第纳尔"),
    Currency("KYD", 136, 2, "Cayman Islands Dollar", "开曼群岛元"),
    Currency("KZT", 398, 2, "Tenge", "哈萨克斯坦坚戈"),
    Currency("LAK", 418, 2, "Lao Kip", "老挝基普"),
    Currency("LBP", 422, 2, "Lebanese Pound", "黎巴嫩镑"),
    Currency("LKR", 144, 2, "Sri Lanka Rupee", "斯里兰卡卢比"),
    Currency("LRD", 430, 2, "Liberian Dollar", "利比里亚元"),
    Currency("LSL", 426, 2, "Loti", "莱索托洛蒂"),
    Currency("LYD", 434, 3, "Libyan Dinar", "利比亚第纳尔"),
    Currency("MAD", 504, 2, "Moroccan Dirham", "摩洛哥迪拉姆"),
    Currency("MDL", 498, 2, "Moldovan Leu", "摩尔多瓦列伊"),
    Currency("MGA", 969, 2, "Malagasy Ariary", "马达加斯加阿里亚里"),
    Currency("MKD", 807, 2, "Denar", "马其顿第纳尔"),
    Currency("MMK", 104, 2, "Kyat", "缅元"),
    Currency("MNT", 496, 2, "Tugrik", "蒙古图格里克"),
    Currency("MOP", 446, 2, "Pataca", "澳门元"),
    Currency("MRU", 929, 2, "Ouguiya", "毛里塔尼亚乌吉亚"),
    Currency("MUR", 480, 2, "Mauritius Rupee", "毛里求斯卢比"),
    Currency("MVR", 462, 2, "Rufiyaa", "马尔代夫卢菲亚"),
    Currency("MWK", 454, 2, "Malawi Kwacha", "马拉维克瓦查"),
    Currency("MXN", 484, 2, "Mexican Peso", "墨西哥比索"),
    Currency("MXV", 979, 2, "Mexican Unidad de Inversion (UDI)", "墨西哥投资单位"),
    Currency("MYR", 458, 2, "Malaysian Ringgit", "马来西亚林吉特"),
    Currency("MZN", 943, 2, "Mozambique Metical", "莫桑比克美提卡"),
    Currency("NAD", 516, 2, "Namibia Dollar", "纳米比亚元"),
    Currency("NGN", 566, 2, "Naira", "尼日利亚奈拉"),
    Currency("NIO", 558, 2, "Cordoba Oro", "尼加拉瓜科多巴"),
    Currency("NOK", 578, 2, "Norwegian Krone", "挪威克朗"),
    Currency("NPR", 524, 2, "Nepalese Rupee", "尼泊尔卢比"),
    Currency("NZD", 554, 2, "New Zealand Dollar", "新西兰元"),
    Currency("OMR", 512, 3, "Rial Omani", "阿曼里亚尔"),
    Currency("PAB", 590, 2, "Balboa", "巴拿马巴波亚"),
    Currency("PEN", 604, 2, "Sol", "秘鲁索尔"),
    Currency("PGK", 598, 2, "Kina", "巴布亚新几内亚基那"),
    Currency("PHP", 608, 2, "Philippine Peso", "菲律宾比索"),
    Currency("PKR", 586, 2, "Pakistan Rupee", "巴基斯坦卢比"),
    Currency("PLN", 985, 2, "Zloty", "波兰兹罗提"),
    Currency("PYG", 600, 0, "Guarani", "巴拉圭瓜拉尼"),
    Currency("QAR", 634, 2, "Qatari Rial", "卡塔尔里亚尔"),
    Currency("RON", 946, 2, "Romanian Leu", "罗马尼亚列伊"),
    Currency("RSD", 941, 2, "Serbian Dinar", "塞尔维亚第纳尔"),
    Currency("RUB", 643, 2, "Russian Ruble", "俄罗斯卢布"),
    Currency("RWF", 646, 0, "Rwanda Franc", "卢旺达法郎"),
    Currency("SAR", 682, 2, "Saudi Riyal", "沙特里亚尔"),
    Currency("SBD", 90, 2, "Solomon Islands Dollar", "所罗门群岛元"),
    Currency("SCR", 690, 2, "Seychelles Rupee", "塞舌尔卢比"),
    Currency("SDG", 938, 2, "Sudanese Pound", "苏丹镑"),
    Currency("SEK", 752, 2, "Swedish Krona", "瑞典克朗"),
    Currency("SGD", 702, 2, "Singapore Dollar", "新加坡元"),
    Currency("SHP", 654, 2, "Saint Helena Pound", "圣赫勒拿镑"),
    Currency("SLE", 925, 2, "Leone", "塞拉利昂利昂"),
    Currency("SOS", 706, 2, "Somali Shilling", "索马里先令"),
    Currency("SRD", 968, 2, "Surinam Dollar", "苏里南元"),
    Currency("SSP", 728, 2, "South Sudanese Pound", "南苏丹镑"),
    Currency("STN", 930, 2, "Dobra", "圣多美和普林西比多布拉"),
    Currency("SVC", 222, 2, "El Salvador Colon", "萨尔瓦多科朗"),
    Currency("SYP", 760, 2, "Syrian Pound", "叙利亚镑"),
    Currency("SZL", 748, 2, "Lilangeni", "斯威士兰里兰吉尼"),
    Currency("THB", 764, 2, "Baht", "泰铢"),
    Currency("TJS", 972, 2, "Somoni", "塔吉克斯坦索莫尼"),
    Currency("TMT", 934, 2, "Turkmenistan New Manat", "土库曼斯坦马纳特"),
    Currency("TND", 788, 3, "Tunisian Dinar", "突尼斯第纳尔"),
    Currency("TOP", 776, 2, "Pa'anga", "汤加潘加"),
    Currency("TRY", 949, 2, "Turkish Lira", "土耳其里拉"),
    Currency("TTD", 780, 2, "Trinidad and Tobago Dollar", "特立尼达和多巴哥元"),
    Currency("TWD", 901, 2, "New Taiwan Dollar", "新台币"),
    Currency("TZS", 834, 2, "Tanzanian Shilling", "坦桑尼亚先令"),
    Currency("UAH", 980, 2, "Hryvnia", "乌克兰格里夫纳"),
    Currency("UGX", 800, 0, "Uganda Shilling", "乌干达先令"),
    Currency("USD", 840, 2, "US Dollar", "美元"),
    Currency("USN", 997, 2, "US Dollar (Next day)", "美元（次日）"),
    Currency("UYI", 940, 0, "Uruguay Peso en Unidades Indexadas (UI)", "乌拉圭指数化比索"),
    Currency("UYU", 858, 2, "Peso Uruguayo", "乌拉圭比索"),
    Currency("UYW", 927, 4, "Unidad Previsional", "乌拉圭养老金单位"),
    Currency("UZS", 860, 2, "Uzbekistan Sum", "乌兹别克斯坦苏姆"),
    Currency("VED", 926, 2, "Bolívar Digital", "委内瑞拉数字玻利瓦尔"),
    Currency("VES", 928, 2, "Bolívar Soberano", "委内瑞拉玻利瓦尔"),
    Currency("VND", 704, 0, "Dong", "越南盾"),
    Currency("VUV", 548, 0, "Vatu", "瓦努阿图瓦图"),
    Currency("WST", 882, 2, "Tala", "萨摩亚塔拉"),
    Currency("XAD", 396, 2, "Arab Accounting Dinar", "阿拉伯记账第纳尔"),
    Currency("XAF", 950, 0, "CFA Franc BEAC", "中非法郎"),
    Currency("XCD", 951, 2, "East Caribbean Dollar", "东加勒比元"),
    Currency("XCG", 532, 2, "Caribbean Guilder", "加勒比盾"),
    Currency("XOF", 952, 0, "CFA Franc BCEAO", "西非法郎"),
    Currency("XPF", 953, 0, "CFP Franc", "太平洋法郎"),
    Currency("YER", 886, 2, "Yemeni Rial", "也门里亚尔"),
    Currency("ZAR", 710, 2, "Rand", "南非兰特"),
    Currency("ZMW", 967, 2, "Zambian Kwacha", "赞比亚克瓦查"),
    Currency("ZWG", 924, 2, "Zimbabwe Gold", "津巴布韦金"),
)
"""Ordered by code."""

_BY_CODE: Final = {entry.code: entry for entry in CURRENCIES}
_BY_NUMBER: Final = {entry.number: entry for entry in CURRENCIES}


def currency(code: str) -> Currency:
    """The currency of an alphabetic code, in capitals. Raises `UnknownCurrencyError` naming any other."""
    found = _BY_CODE.get(code)
    if found is None:
        hint = "; codes are written in capitals" if code.upper() in _BY_CODE else ""
        raise UnknownCurrencyError(f"{code!r} is not an active ISO 4217 currency code{hint}")
    return found


def currency_by_number(number: int) -> Currency:
    """The currency of a numeric code, as 156 for CNY. Raises `UnknownCurrencyError` naming any other."""
    found = _BY_NUMBER.get(number)
    if found is None:
        raise UnknownCurrencyError(f"{number!r} is not the number of an active ISO 4217 currency")
    return found
