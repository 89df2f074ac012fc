"""Files of payments as text, so that a test may write what no library would."""

HEAD = "urn:iso:std:iso:20022:tech:xsd:"
PAYEE_IBAN = "NL91ABNA0417164300"


def line(
    end_to_end_id: str = "E1",
    amount: str = "10.00",
    code: str = "CNY",
    *,
    creditor: str = f"<IBAN>{PAYEE_IBAN}</IBAN>",
    bic: str = "ABNANL2A",
    name: str = "张三",
    extra: str = "",
) -> str:
    """One payment of a group."""
    bank = f"<CdtrAgt><FinInstnId><BICFI>{bic}</BICFI></FinInstnId></CdtrAgt>" if bic else ""
    return (
        f"<CdtTrfTxInf><PmtId><EndToEndId>{end_to_end_id}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="{code}">{amount}</InstdAmt></Amt>{bank}<Cdtr><Nm>{name}</Nm></Cdtr>'
        f"<CdtrAcct><Id>{creditor}</Id></CdtrAcct>{extra}</CdtTrfTxInf>"
    )


def group(
    *lines: str,
    id: str = "G1",
    debtor: str = "<Othr><Id>0001000000000136</Id></Othr>",
    date: str = "2026-01-05",
    batch: str = "",
    method: str = "TRF",
    extra: str = "",
) -> str:
    """Payments out of one account."""
    booking = f"<BtchBookg>{batch}</BtchBookg>" if batch else ""
    return (
        f"<PmtInf><PmtInfId>{id}</PmtInfId><PmtMtd>{method}</PmtMtd>{booking}{extra}"
        f"<ReqdExctnDt><Dt>{date}</Dt></ReqdExctnDt><Dbtr><Nm>Payer</Nm></Dbtr><DbtrAcct><Id>{debtor}</Id></DbtrAcct>"
        f"<DbtrAgt><FinInstnId><BICFI>YINHCNBJ</BICFI></FinInstnId></DbtrAgt>{''.join(lines)}</PmtInf>"
    )


def pain001(
    *groups: str,
    count: int | str = 1,
    total: str = "",
    message_id: str = "M1",
    message: str = "pain.001.001.09",
    namespace: str = "",
    before: str = '<?xml version="1.0" encoding="UTF-8"?>',
) -> bytes:
    """A whole file."""
    control = f"<CtrlSum>{total}</CtrlSum>" if total else ""
    return (
        f'{before}<Document xmlns="{namespace or HEAD + message}"><CstmrCdtTrfInitn><GrpHdr><MsgId>{message_id}</MsgId>'
        f"<CreDtTm>2026-01-05T08:00:00</CreDtTm><NbOfTxs>{count}</NbOfTxs>{control}"
        f"<InitgPty><Nm>Payer</Nm></InitgPty></GrpHdr>{''.join(groups)}</CstmrCdtTrfInitn></Document>"
    ).encode()
