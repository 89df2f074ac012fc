"""The operations of the interface: written by docs/generate_client.py, not by hand."""

# ruff: noqa: D404

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from yinhe.client.models import (
    AccountAlias,
    AccountBlocks,
    AccountEntryPage,
    AccountLimits,
    AccountStatement,
    AccountView,
    Acknowledged,
    ActList,
    AliasNamed,
    AmendContract,
    ApplyIncoming,
    ApprovalCard,
    ApprovalList,
    AuditAnchors,
    AuditProof,
    AuditRecord,
    AuditRecords,
    BatchAnswer,
    BatchForm,
    BirthDateForm,
    CandidateList,
    CertificateForm,
    Changed,
    ClearingMessage,
    ClearingPage,
    ClearingTaken,
    ClientForm,
    CloseContract,
    CodeForm,
    ContractDone,
    ContractEventPage,
    ContractNoticePage,
    ContractPage,
    ContractView,
    CustomerPicture,
    DeadList,
    DecisionAnswer,
    DecisionForm,
    DepositScenario,
    DepositSimulation,
    DrawFromContract,
    EmergencyAnswer,
    EmergencyForm,
    EmergencyList,
    EnabledForm,
    EnrolmentAnswer,
    EntryForm,
    EventPage,
    FactorRemovalForm,
    FileTaken,
    FileView,
    FindingForm,
    GeneralLedger,
    GiveContractNotice,
    GiveOrder,
    GrantForm,
    HandOverContract,
    Health,
    HoldPage,
    HoldReceipt,
    IncomingPage,
    IncomingView,
    Journal,
    KeySet,
    Language,
    LoanAgreement,
    LoanArrangement,
    LoanChange,
    LoanConversion,
    LoanDetails,
    LoanDone,
    LoanDrawing,
    LoanHistory,
    LoanOffer,
    LoanPage,
    LoanPayOff,
    LoanPayOffQuote,
    LoanRecovery,
    LoanRepayment,
    LoanScenario,
    LoanSchedule,
    LoanStatements,
    LogInForm,
    MergeForm,
    NextMessage,
    NightAtWork,
    NightDetails,
    NightPage,
    NightStart,
    NightStarted,
    OpenContract,
    OrderPage,
    PartyForm,
    PartyList,
    PartyStatus,
    PartyView,
    PasswordForm,
    PayIn,
    PaymentForm,
    PaymentPage,
    PaymentView,
    PlaceHold,
    PrincipalList,
    ProductCheck,
    ProductDescription,
    ProductDetails,
    ProductDifference,
    ProductFile,
    ProductPage,
    ProductStepDone,
    ProofForm,
    RateHistory,
    RateSet,
    RateSetting,
    RateTables,
    ReceiptState,
    RecoveryAnswer,
    RefreshForm,
    RelationForm,
    ReplayForm,
    ReversalReceipt,
    RiskForm,
    RoleCard,
    RoleForm,
    RoleList,
    RotationForm,
    RuleCard,
    RuleForm,
    RuleList,
    SearchForm,
    SecretAnswer,
    SendIncomingBack,
    SessionAnswer,
    SessionList,
    State,
    StatusForm,
    TierForm,
    TimelineAnswer,
    TokenAnswer,
    TransactionView,
    TransferExplanation,
    TransferForm,
    TransferReceipt,
    TrialBalance,
    UnitStatus,
    UseHold,
    UserForm,
    VerificationForm,
    WebhookChange,
    WebhookForm,
    WebhookList,
    WebhookMade,
)
from yinhe.client.transport import Transport


class Client(Transport):
    """Every operation of the interface as a method."""

    def issue_token(self, body: bytes, *, media_in: str = "application/x-www-form-urlencoded") -> TokenAnswer:
        """A token for a client: OAuth 2.0 client credentials (RFC 6749)."""
        return self.post("/v1/oauth/token", TokenAnswer, body, None)

    def read_keys(self) -> KeySet:
        """The public keys that tokens are signed with."""
        return self.read("/.well-known/jwks.json", KeySet, None)

    def open_session(self, body: LogInForm) -> SessionAnswer:
        """Log in as a user."""
        return self.post("/v1/sessions", SessionAnswer, body, None)

    def refresh_session(self, body: RefreshForm) -> SessionAnswer:
        """New tokens for a refresh token, which is used by this."""
        return self.post("/v1/sessions/refresh", SessionAnswer, body, None)

    def list_own_sessions(self) -> SessionList:
        """One's own open sessions."""
        return self.read("/v1/own/sessions", SessionList, None)

    def log_out(self, *, key: UUID | None = None, dry_run: bool = False, reason: str = "") -> Acknowledged:
        """End the session one speaks in."""
        return self.command("POST", "/v1/own/log-out", Acknowledged, key=key, dry_run=dry_run, reason=reason)

    def change_password(
        self, body: PasswordForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> Acknowledged:
        """Change one's own password; all other sessions end."""
        return self.command("PUT", "/v1/own/password", Acknowledged, body=body, key=key, dry_run=dry_run, reason=reason)

    def begin_second_factor(
        self, body: ProofForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> EnrolmentAnswer:
        """A secret for an authenticator (TOTP), shown once; it counts once confirmed."""
        return self.command(
            "POST", "/v1/own/second-factor", EnrolmentAnswer, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def confirm_second_factor(
        self, body: CodeForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> RecoveryAnswer:
        """Put the second factor in force, proved by a code; gives recovery codes."""
        return self.command(
            "POST",
            "/v1/own/second-factor/confirmation",
            RecoveryAnswer,
            body=body,
            key=key,
            dry_run=dry_run,
            reason=reason,
        )

    def remove_second_factor(
        self, body: FactorRemovalForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> Acknowledged:
        """Take one's own second factor away, proved by password and code."""
        return self.command(
            "POST", "/v1/own/second-factor/removal", Acknowledged, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def open_party(
        self, body: PartyForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> Changed:
        """Open a party as a prospect."""
        return self.command("POST", "/v1/parties", Changed, body=body, key=key, dry_run=dry_run, reason=reason)

    def list_parties(
        self, *, status: PartyStatus | None = None, limit: int | None = None, cursor: str | None = None
    ) -> PartyList:
        """Parties in the order of their numbers, personal data masked."""
        return self.read("/v1/parties", PartyList, {"status": status, "limit": limit, "cursor": cursor})

    def search_parties(self, body: SearchForm) -> PartyList:
        """Parties by identifier, contact or name, in full; personal data masked."""
        return self.post("/v1/parties/search", PartyList, body, None)

    def read_party(self, party: int, *, clear: bool | None = None, ended: bool | None = None) -> PartyView:
        """One party: entries, relations, state; masked unless asked for in the clear."""
        return self.read(f"/v1/parties/{party}", PartyView, {"clear": clear, "ended": ended})

    def read_party_history(
        self, party: int, *, clear: bool | None = None, limit: int | None = None, cursor: str | None = None
    ) -> ActList:
        """What was done to a party, by whom and why, the newest first."""
        return self.read(f"/v1/parties/{party}/history", ActList, {"clear": clear, "limit": limit, "cursor": cursor})

    def read_party_duplicates(self, party: int) -> CandidateList:
        """Parties that may be the same, with a score and its signs."""
        return self.read(f"/v1/parties/{party}/duplicates", CandidateList, None)

    def add_party_entry(
        self,
        party: int,
        body: EntryForm,
        *,
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
        if_match: str = "",
    ) -> Changed:
        """Add a name, an identifier, an address, a contact, a consent or a document."""
        return self.command(
            "POST",
            f"/v1/parties/{party}/entries",
            Changed,
            body=body,
            key=key,
            dry_run=dry_run,
            reason=reason,
            if_match=if_match,
        )

    def end_party_entry(
        self,
        party: int,
        entry: int,
        *,
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
        if_match: str = "",
    ) -> Changed:
        """End an entry."""
        return self.command(
            "POST",
            f"/v1/parties/{party}/entries/{entry}/end",
            Changed,
            key=key,
            dry_run=dry_run,
            reason=reason,
            if_match=if_match,
        )

    def prefer_party_entry(
        self,
        party: int,
        entry: int,
        *,
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
        if_match: str = "",
    ) -> Changed:
        """Make an entry the first of its kind."""
        return self.command(
            "POST",
            f"/v1/parties/{party}/entries/{entry}/preference",
            Changed,
            key=key,
            dry_run=dry_run,
            reason=reason,
            if_match=if_match,
        )

    def verify_party_entry(
        self,
        party: int,
        entry: int,
        body: VerificationForm,
        *,
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
        if_match: str = "",
    ) -> Changed:
        """Note that an identifier was verified: the party may become a customer."""
        return self.command(
            "POST",
            f"/v1/parties/{party}/entries/{entry}/verification",
            Changed,
            body=body,
            key=key,
            dry_run=dry_run,
            reason=reason,
            if_match=if_match,
        )

    def set_party_birth_date(
        self,
        party: int,
        body: BirthDateForm,
        *,
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
        if_match: str = "",
    ) -> Changed:
        """Set the date of birth or foundation right."""
        return self.command(
            "PUT",
            f"/v1/parties/{party}/birth-date",
            Changed,
            body=body,
            key=key,
            dry_run=dry_run,
            reason=reason,
            if_match=if_match,
        )

    def set_party_tier(
        self,
        party: int,
        body: TierForm,
        *,
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
        if_match: str = "",
    ) -> Changed:
        """Put a party into a tier."""
        return self.command(
            "PUT",
            f"/v1/parties/{party}/tier",
            Changed,
            body=body,
            key=key,
            dry_run=dry_run,
            reason=reason,
            if_match=if_match,
        )

    def rate_party_risk(
        self,
        party: int,
        body: RiskForm,
        *,
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
        if_match: str = "",
    ) -> Changed:
        """Rate a party's risk until the next review."""
        return self.command(
            "PUT",
            f"/v1/parties/{party}/risk",
            Changed,
            body=body,
            key=key,
            dry_run=dry_run,
            reason=reason,
            if_match=if_match,
        )

    def set_party_status(
        self,
        party: int,
        body: StatusForm,
        *,
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
        if_match: str = "",
    ) -> Changed:
        """Bring a party into another state: prospect, customer, dormant, closed."""
        return self.command(
            "PUT",
            f"/v1/parties/{party}/status",
            Changed,
            body=body,
            key=key,
            dry_run=dry_run,
            reason=reason,
            if_match=if_match,
        )

    def relate_parties(
        self,
        party: int,
        body: RelationForm,
        *,
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
        if_match: str = "",
    ) -> Changed:
        """Note what another party is to this one."""
        return self.command(
            "POST",
            f"/v1/parties/{party}/relations",
            Changed,
            body=body,
            key=key,
            dry_run=dry_run,
            reason=reason,
            if_match=if_match,
        )

    def end_party_relation(
        self,
        party: int,
        entry: int,
        *,
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
        if_match: str = "",
    ) -> Changed:
        """End a relation."""
        return self.command(
            "POST",
            f"/v1/parties/{party}/relations/{entry}/end",
            Changed,
            key=key,
            dry_run=dry_run,
            reason=reason,
            if_match=if_match,
        )

    def merge_parties(
        self,
        party: int,
        body: MergeForm,
        *,
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
        if_match: str = "",
    ) -> Changed:
        """Merge another party into this one: its contracts are held by this one."""
        return self.command(
            "POST",
            f"/v1/parties/{party}/merges",
            Changed,
            body=body,
            key=key,
            dry_run=dry_run,
            reason=reason,
            if_match=if_match,
        )

    def undo_party_merge(
        self, party: int, *, key: UUID | None = None, dry_run: bool = False, reason: str = "", if_match: str = ""
    ) -> Changed:
        """Undo the merge of this party into another: it has again what it had."""
        return self.command(
            "POST",
            f"/v1/parties/{party}/merge-undo",
            Changed,
            key=key,
            dry_run=dry_run,
            reason=reason,
            if_match=if_match,
        )

    def read_customer(self, party: int, *, as_of: date | None = None, clear: bool | None = None) -> CustomerPicture:
        """A customer's whole picture: contracts, balances, limits, holds, loans, cards, alerts, worth."""
        return self.read(f"/v1/parties/{party}/picture", CustomerPicture, {"as_of": as_of, "clear": clear})

    def read_customer_timeline(
        self, party: int, *, kinds: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> TimelineAnswer:
        """What happened with a customer, the newest first, back to the first day."""
        return self.read(
            f"/v1/parties/{party}/timeline", TimelineAnswer, {"kinds": kinds, "limit": limit, "cursor": cursor}
        )

    def open_contract(
        self, body: OpenContract, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> ContractDone:
        """Open a contract with its account."""
        return self.command("POST", "/v1/contracts", ContractDone, body=body, key=key, dry_run=dry_run, reason=reason)

    def list_contracts(
        self,
        *,
        party: int | None = None,
        account: str | None = None,
        product: str | None = None,
        closed: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ContractPage:
        """List contracts in the order they were opened."""
        return self.read(
            "/v1/contracts",
            ContractPage,
            {
                "party": party,
                "account": account,
                "product": product,
                "closed": closed,
                "limit": limit,
                "cursor": cursor,
            },
        )

    def read_contract(self, contract: int, *, as_of: date | None = None) -> ContractView:
        """Tell how a contract stands."""
        return self.read(f"/v1/contracts/{contract}", ContractView, {"as_of": as_of})

    def amend_contract(
        self,
        contract: int,
        body: AmendContract,
        *,
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
        if_match: str = "",
    ) -> ContractDone:
        """Change what is agreed: linked account, renewal, negotiated rate."""
        return self.command(
            "PATCH",
            f"/v1/contracts/{contract}",
            ContractDone,
            body=body,
            key=key,
            dry_run=dry_run,
            reason=reason,
            if_match=if_match,
        )

    def transfer_contract(
        self, contract: int, body: HandOverContract, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> ContractDone:
        """Transfer a contract to another holder."""
        return self.command(
            "POST",
            f"/v1/contracts/{contract}/transfer",
            ContractDone,
            body=body,
            key=key,
            dry_run=dry_run,
            reason=reason,
        )

    def pay_into_contract(
        self, contract: int, body: PayIn, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> ContractDone:
        """Pay more into a contract."""
        return self.command(
            "POST",
            f"/v1/contracts/{contract}/deposits",
            ContractDone,
            body=body,
            key=key,
            dry_run=dry_run,
            reason=reason,
        )

    def draw_from_contract(
        self, contract: int, body: DrawFromContract, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> ContractDone:
        """Draw a part of a contract with its interest."""
        return self.command(
            "POST",
            f"/v1/contracts/{contract}/withdrawals",
            ContractDone,
            body=body,
            key=key,
            dry_run=dry_run,
            reason=reason,
        )

    def close_contract(
        self, contract: int, body: CloseContract, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> ContractDone:
        """Draw all of a contract with its interest to the day before, and close it."""
        return self.command(
            "POST", f"/v1/contracts/{contract}/close", ContractDone, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def give_contract_notice(
        self,
        contract: int,
        body: GiveContractNotice,
        *,
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
    ) -> ContractDone:
        """Give notice of a withdrawal."""
        return self.command(
            "POST",
            f"/v1/contracts/{contract}/notices",
            ContractDone,
            body=body,
            key=key,
            dry_run=dry_run,
            reason=reason,
        )

    def list_contract_notices(
        self, contract: int, *, limit: int | None = None, cursor: str | None = None
    ) -> ContractNoticePage:
        """List the notices of a contract, the latest given first."""
        return self.read(f"/v1/contracts/{contract}/notices", ContractNoticePage, {"limit": limit, "cursor": cursor})

    def cancel_contract_notice(
        self, contract: int, notice: UUID, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> ContractDone:
        """Take a notice of withdrawal back."""
        return self.command(
            "DELETE",
            f"/v1/contracts/{contract}/notices/{notice}",
            ContractDone,
            key=key,
            dry_run=dry_run,
            reason=reason,
        )

    def list_contract_events(
        self, contract: int, *, limit: int | None = None, cursor: str | None = None
    ) -> ContractEventPage:
        """List what was done with a contract, latest first."""
        return self.read(f"/v1/contracts/{contract}/events", ContractEventPage, {"limit": limit, "cursor": cursor})

    def read_account(self, account: str, *, as_of: date | None = None) -> AccountView:
        """Tell how an account stands: balance, money held, limits, blocks."""
        return self.read(f"/v1/accounts/{account}", AccountView, {"as_of": as_of})

    def list_account_entries(
        self, account: str, *, limit: int | None = None, cursor: str | None = None
    ) -> AccountEntryPage:
        """List the lines of an account, newest first, with the balance after each."""
        return self.read(f"/v1/accounts/{account}/entries", AccountEntryPage, {"limit": limit, "cursor": cursor})

    def block_account(
        self, account: str, body: AccountBlocks, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> AccountView:
        """Block or free an account's debits and credits."""
        return self.command(
            "PUT", f"/v1/accounts/{account}/blocks", AccountView, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def limit_account(
        self, account: str, body: AccountLimits, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> AccountView:
        """Set the limits of an account, all of them."""
        return self.command(
            "PUT", f"/v1/accounts/{account}/limits", AccountView, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def read_account_statement(
        self, account: str, *, from_: date, to_: date, language: Language | None = None, mark: bool | None = None
    ) -> AccountStatement:
        """Make the statement of an account for a period of business dates."""
        return self.read(
            f"/v1/accounts/{account}/statement",
            AccountStatement,
            {"from": from_, "to": to_, "language": language, "mark": mark},
        )

    def read_account_statement_document(
        self,
        account: str,
        *,
        from_: date,
        to_: date,
        language: Language | None = None,
        mark: bool | None = None,
        media: str = "text/csv",
    ) -> bytes:
        """Make the statement of an account for a period of business dates."""
        return self.document(
            f"/v1/accounts/{account}/statement", media, {"from": from_, "to": to_, "language": language, "mark": mark}
        )

    def post_transfer(
        self, body: TransferForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> TransferReceipt:
        """Transfer money from one account to another."""
        return self.command(
            "POST", "/v1/transfers", TransferReceipt, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def post_transfers(
        self, body: BatchForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> BatchAnswer:
        """Transfer many times, each by itself: one refused does not keep another back."""
        return self.command(
            "POST", "/v1/transfer-batches", BatchAnswer, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def post_transfer_columns(
        self,
        body: bytes,
        *,
        media: str = "application/vnd.apache.arrow.stream",
        media_in: str = "application/vnd.apache.arrow.stream",
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
    ) -> bytes:
        """Transfer many times as columns: an Arrow IPC stream in, one out."""
        return self.command(
            "POST",
            "/v1/transfer-batches/columns",
            bytes,
            body=body,
            media=media_in,
            accept=media,
            key=key,
            dry_run=dry_run,
            reason=reason,
        )

    def read_transaction(self, transaction: UUID) -> TransactionView:
        """Tell what a transaction moved."""
        return self.read(f"/v1/transfers/{transaction}", TransactionView, None)

    def reverse_transaction(
        self, transaction: UUID, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> ReversalReceipt:
        """Take a transfer back, its fee with it."""
        return self.command(
            "POST", f"/v1/transfers/{transaction}/reversal", ReversalReceipt, key=key, dry_run=dry_run, reason=reason
        )

    def place_hold(
        self, account: str, body: PlaceHold, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> HoldReceipt:
        """Hold money on an account for a later post to another."""
        return self.command(
            "POST", f"/v1/accounts/{account}/holds", HoldReceipt, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def list_holds(self, account: str, *, limit: int | None = None, cursor: str | None = None) -> HoldPage:
        """List the open holds of an account."""
        return self.read(f"/v1/accounts/{account}/holds", HoldPage, {"limit": limit, "cursor": cursor})

    def post_hold(
        self,
        account: str,
        hold: int,
        body: UseHold,
        *,
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
    ) -> HoldReceipt:
        """Post a hold, whole or in part."""
        return self.command(
            "POST",
            f"/v1/accounts/{account}/holds/{hold}/post",
            HoldReceipt,
            body=body,
            key=key,
            dry_run=dry_run,
            reason=reason,
        )

    def release_hold(
        self,
        account: str,
        hold: int,
        body: UseHold,
        *,
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
    ) -> HoldReceipt:
        """Release a hold, whole or in part."""
        return self.command(
            "POST",
            f"/v1/accounts/{account}/holds/{hold}/release",
            HoldReceipt,
            body=body,
            key=key,
            dry_run=dry_run,
            reason=reason,
        )

    def give_order(
        self, contract: int, body: GiveOrder, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> ContractDone:
        """Begin a standing order: a payment every month."""
        return self.command(
            "POST", f"/v1/contracts/{contract}/orders", ContractDone, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def list_orders(self, contract: int, *, limit: int | None = None, cursor: str | None = None) -> OrderPage:
        """List the standing orders of a contract that are not stopped."""
        return self.read(f"/v1/contracts/{contract}/orders", OrderPage, {"limit": limit, "cursor": cursor})

    def stop_order(
        self, contract: int, order: UUID, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> ContractDone:
        """End a standing order."""
        return self.command(
            "DELETE", f"/v1/contracts/{contract}/orders/{order}", ContractDone, key=key, dry_run=dry_run, reason=reason
        )

    def send_payment(
        self, body: PaymentForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> PaymentView:
        """Pay an account of this bank or of another."""
        return self.command("POST", "/v1/payments", PaymentView, body=body, key=key, dry_run=dry_run, reason=reason)

    def list_payments(
        self,
        *,
        account: str | None = None,
        state: State | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PaymentPage:
        """List payments, the newest first."""
        return self.read(
            "/v1/payments", PaymentPage, {"account": account, "state": state, "limit": limit, "cursor": cursor}
        )

    def read_payment(self, payment: int, *, clear: bool | None = None) -> PaymentView:
        """Show a payment."""
        return self.read(f"/v1/payments/{payment}", PaymentView, {"clear": clear})

    def cancel_payment(
        self, payment: int, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> PaymentView:
        """Cancel a payment that waits."""
        return self.command(
            "POST", f"/v1/payments/{payment}/cancellation", PaymentView, key=key, dry_run=dry_run, reason=reason
        )

    def read_notification(self, transaction: UUID, *, account: str, media: str = "application/xml") -> bytes:
        """Make the notification (camt.054) of what a transaction did to an account."""
        return self.document(f"/v1/transfers/{transaction}/notification", media, {"account": account})

    def name_account(
        self, account: str, body: AccountAlias, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> AliasNamed:
        """Give an account another number, by which payments find it: an IBAN, or one it had elsewhere."""
        return self.command(
            "POST", f"/v1/accounts/{account}/aliases", AliasNamed, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def send_payment_file(
        self,
        body: bytes,
        *,
        media_in: str = "application/xml",
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
    ) -> FileTaken:
        """Hand in a payment file (pain.001), and have what is for today paid."""
        return self.command(
            "POST", "/v1/payment-files", FileTaken, body=body, media=media_in, key=key, dry_run=dry_run, reason=reason
        )

    def send_payment_file_document(
        self,
        body: bytes,
        *,
        media: str = "application/xml",
        media_in: str = "application/xml",
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
    ) -> bytes:
        """Hand in a payment file (pain.001), and have what is for today paid."""
        return self.command(
            "POST",
            "/v1/payment-files",
            bytes,
            body=body,
            media=media_in,
            accept=media,
            key=key,
            dry_run=dry_run,
            reason=reason,
        )

    def read_payment_file(self, file: int, *, limit: int | None = None, cursor: str | None = None) -> FileView:
        """Show how far a payment file has come, and its payments in order."""
        return self.read(f"/v1/payment-files/{file}", FileView, {"limit": limit, "cursor": cursor})

    def read_status_report(self, file: int, *, media: str = "application/xml") -> bytes:
        """Make the report (pain.002) on a payment file as it stands, line by line."""
        return self.document(f"/v1/payment-files/{file}/status-report", media, None)

    def take_credits(
        self,
        body: bytes,
        *,
        media_in: str = "application/xml",
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
    ) -> ClearingTaken:
        """Take a message of the clearing with credits (pacs.008)."""
        return self.command(
            "POST",
            "/v1/clearing/credits",
            ClearingTaken,
            body=body,
            media=media_in,
            key=key,
            dry_run=dry_run,
            reason=reason,
        )

    def take_returns(
        self,
        body: bytes,
        *,
        media_in: str = "application/xml",
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
    ) -> ClearingTaken:
        """Take a message of the clearing with payments that come back (pacs.004)."""
        return self.command(
            "POST",
            "/v1/clearing/returns",
            ClearingTaken,
            body=body,
            media=media_in,
            key=key,
            dry_run=dry_run,
            reason=reason,
        )

    def make_clearing_message(
        self, body: NextMessage, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> ClearingMessage:
        """Make the next message to the clearing, of all that waits to be sent."""
        return self.command(
            "POST", "/v1/clearing/messages", ClearingMessage, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def list_clearing_messages(self, *, limit: int | None = None, cursor: str | None = None) -> ClearingPage:
        """List messages to the clearing and from it, the newest first."""
        return self.read("/v1/clearing/messages", ClearingPage, {"limit": limit, "cursor": cursor})

    def read_clearing_message(self, message: int) -> ClearingTaken:
        """Show a message and what became of its lines; as XML, as it was sent."""
        return self.read(f"/v1/clearing/messages/{message}", ClearingTaken, None)

    def read_clearing_message_document(self, message: int, *, media: str = "application/xml") -> bytes:
        """Show a message and what became of its lines; as XML, as it was sent."""
        return self.document(f"/v1/clearing/messages/{message}", media, None)

    def list_receipts(
        self, *, state: ReceiptState | None = None, limit: int | None = None, cursor: str | None = None
    ) -> IncomingPage:
        """List money from other banks, the newest first; `state=suspended` is what found no account."""
        return self.read("/v1/clearing/receipts", IncomingPage, {"state": state, "limit": limit, "cursor": cursor})

    def read_receipt(self, receipt: int, *, clear: bool | None = None) -> IncomingView:
        """Show money from another bank."""
        return self.read(f"/v1/clearing/receipts/{receipt}", IncomingView, {"clear": clear})

    def apply_receipt(
        self, receipt: int, body: ApplyIncoming, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> IncomingView:
        """Credit money in suspense to an account."""
        return self.command(
            "POST",
            f"/v1/clearing/receipts/{receipt}/application",
            IncomingView,
            body=body,
            key=key,
            dry_run=dry_run,
            reason=reason,
        )

    def send_receipt_back(
        self, receipt: int, body: SendIncomingBack, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> IncomingView:
        """Send money in suspense back to the bank it came from."""
        return self.command(
            "POST",
            f"/v1/clearing/receipts/{receipt}/return",
            IncomingView,
            body=body,
            key=key,
            dry_run=dry_run,
            reason=reason,
        )

    def agree_loan(
        self, body: LoanAgreement, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> LoanDone:
        """Agree on a loan or a line, and open its accounts; nothing is drawn yet."""
        return self.command("POST", "/v1/loans", LoanDone, body=body, key=key, dry_run=dry_run, reason=reason)

    def list_loans(
        self,
        *,
        party: int | None = None,
        account: str | None = None,
        product: str | None = None,
        overdue: bool | None = None,
        closed: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> LoanPage:
        """Loans in the order they were agreed: of a party, collected from an account, overdue ones."""
        return self.read(
            "/v1/loans",
            LoanPage,
            {
                "party": party,
                "account": account,
                "product": product,
                "overdue": overdue,
                "closed": closed,
                "limit": limit,
                "cursor": cursor,
            },
        )

    def read_loan(self, loan: int, *, as_of: date | None = None) -> LoanDetails:
        """Where a loan stands: what is owed, due and overdue, its rate, what comes next, its grade."""
        return self.read(f"/v1/loans/{loan}", LoanDetails, {"as_of": as_of})

    def read_loan_schedule(self, loan: int) -> LoanSchedule:
        """What has fallen due of a loan, and the instalments to come."""
        return self.read(f"/v1/loans/{loan}/schedule", LoanSchedule, None)

    def list_loan_statements(self, loan: int) -> LoanStatements:
        """The statements of a card, the newest first."""
        return self.read(f"/v1/loans/{loan}/statements", LoanStatements, None)

    def read_loan_history(self, loan: int, *, limit: int | None = None, cursor: str | None = None) -> LoanHistory:
        """What was done with a loan and what the nights collected for it, oldest first."""
        return self.read(f"/v1/loans/{loan}/history", LoanHistory, {"limit": limit, "cursor": cursor})

    def quote_loan_pay_off(self, loan: int) -> LoanPayOffQuote:
        """What it takes to repay a loan today: what is due, interest to date, principal, and the fee."""
        return self.read(f"/v1/loans/{loan}/payoff-quote", LoanPayOffQuote, None)

    def draw_loan(
        self, loan: int, body: LoanDrawing, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> LoanDone:
        """Draw a loan, a tranche of it, on a line, or on a card."""
        return self.command(
            "POST", f"/v1/loans/{loan}/drawings", LoanDone, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def repay_loan(
        self, loan: int, body: LoanRepayment, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> LoanDone:
        """Pay what is due of a loan, and early some of what is not."""
        return self.command(
            "POST", f"/v1/loans/{loan}/repayments", LoanDone, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def pay_off_loan(
        self, loan: int, body: LoanPayOff, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> LoanDone:
        """Repay everything today, with the interest to date and the fee."""
        return self.command(
            "POST", f"/v1/loans/{loan}/payoff", LoanDone, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def convert_purchases(
        self, loan: int, body: LoanConversion, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> LoanDone:
        """Make an instalment plan of purchases on a card."""
        return self.command(
            "POST", f"/v1/loans/{loan}/instalment-plans", LoanDone, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def change_loan(
        self, loan: int, body: LoanChange, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> LoanDone:
        """Change what is noted of a loan: the account it is collected from, a block, an impairment."""
        return self.command("PATCH", f"/v1/loans/{loan}", LoanDone, body=body, key=key, dry_run=dry_run, reason=reason)

    def arrange_loan(
        self, loan: int, body: LoanArrangement, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> LoanDone:
        """Arrange a loan in difficulty anew, in one way that its product allows."""
        return self.command(
            "POST", f"/v1/loans/{loan}/arrangements", LoanDone, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def write_off_loan(
        self, loan: int, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> LoanDone:
        """Give a loan up in the books; the claim stays."""
        return self.command("POST", f"/v1/loans/{loan}/write-off", LoanDone, key=key, dry_run=dry_run, reason=reason)

    def recover_loan(
        self, loan: int, body: LoanRecovery, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> LoanDone:
        """Take what is paid of a loan that was written off."""
        return self.command(
            "POST", f"/v1/loans/{loan}/recoveries", LoanDone, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def list_products(
        self,
        *,
        status: Literal["approved", "checked", "draft", "published", "withdrawn"] | None = None,
        current: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ProductPage:
        """Every version of every product, by product number and version."""
        return self.read(
            "/v1/products", ProductPage, {"status": status, "current": current, "limit": limit, "cursor": cursor}
        )

    def read_product(self, code: str, version: int) -> ProductDetails:
        """One version of a product: its parts, its terms, its life, and its canonical file."""
        return self.read(f"/v1/products/{code}/versions/{version}", ProductDetails, None)

    def describe_product(self, code: str, version: int) -> ProductDescription:
        """The terms a customer reads, in English and Chinese, made from the product's parts."""
        return self.read(f"/v1/products/{code}/versions/{version}/description", ProductDescription, None)

    def compare_products(self, code: str, version: int, *, to_: int) -> ProductDifference:
        """What changes from one version of a product to another, in words."""
        return self.read(f"/v1/products/{code}/versions/{version}/difference", ProductDifference, {"to": to_})

    def simulate_deposit(self, code: str, body: DepositScenario) -> DepositSimulation:
        """Let one contract of a deposit product live through some days; nothing is posted."""
        return self.post(f"/v1/products/{code}/simulation", DepositSimulation, body, None)

    def schedule_loan(self, code: str, body: LoanScenario) -> LoanOffer:
        """The instalments of a loan before there is a contract, and what it costs a year."""
        return self.post(f"/v1/products/{code}/schedule", LoanOffer, body, None)

    def check_product_file(self, body: ProductFile) -> ProductCheck:
        """Check a product's file as a whole, and against the bank; nothing is stored."""
        return self.post("/v1/product-checks", ProductCheck, body, None)

    def draft_product(
        self, body: ProductFile, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> ProductStepDone:
        """Store a product's file as a draft; refused whole when anything is wrong."""
        return self.command("POST", "/v1/products", ProductStepDone, body=body, key=key, dry_run=dry_run, reason=reason)

    def check_product(
        self, code: str, version: int, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> ProductStepDone:
        """Check a draft once more as a whole; a sound one is checked from now on."""
        return self.command(
            "POST",
            f"/v1/products/{code}/versions/{version}/check",
            ProductStepDone,
            key=key,
            dry_run=dry_run,
            reason=reason,
        )

    def approve_product(
        self, code: str, version: int, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> ProductStepDone:
        """Approve a checked version; its author cannot."""
        return self.command(
            "POST",
            f"/v1/products/{code}/versions/{version}/approve",
            ProductStepDone,
            key=key,
            dry_run=dry_run,
            reason=reason,
        )

    def publish_product(
        self, code: str, version: int, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> ProductStepDone:
        """Publish an approved version: it never changes."""
        return self.command(
            "POST",
            f"/v1/products/{code}/versions/{version}/publish",
            ProductStepDone,
            key=key,
            dry_run=dry_run,
            reason=reason,
        )

    def withdraw_product(
        self, code: str, version: int, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> ProductStepDone:
        """Withdraw a published version; its contracts go on."""
        return self.command(
            "POST",
            f"/v1/products/{code}/versions/{version}/withdraw",
            ProductStepDone,
            key=key,
            dry_run=dry_run,
            reason=reason,
        )

    def list_rates(self, *, on: date | None = None) -> RateTables:
        """What every table of rates says of a day."""
        return self.read("/v1/rates", RateTables, {"on": on})

    def read_rate_table(self, table: str, *, limit: int | None = None, cursor: str | None = None) -> RateHistory:
        """Every entry of a table that was ever written down, by the days they hold from."""
        return self.read(f"/v1/rates/{table}", RateHistory, {"limit": limit, "cursor": cursor})

    def set_rate(
        self, table: str, body: RateSetting, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> RateSet:
        """Write down the rate of a table from a day on; what was written stays."""
        return self.command("POST", f"/v1/rates/{table}", RateSet, body=body, key=key, dry_run=dry_run, reason=reason)

    def explain_transfer(self, transaction: UUID) -> TransferExplanation:
        """Why a transaction's amounts are what they are: days, balances, rates, the remainder, the rounding."""
        return self.read(f"/v1/transfers/{transaction}/explanation", TransferExplanation, None)

    def read_events(
        self,
        *,
        cursor: str | None = None,
        types: str | None = None,
        object: str | None = None,
        party: int | None = None,
        limit: int | None = None,
    ) -> EventPage:
        """Events in order after a cursor: postings, and changes of parties, contracts, loans, products."""
        return self.read(
            "/v1/events",
            EventPage,
            {"cursor": cursor, "types": types, "object": object, "party": party, "limit": limit},
        )

    def follow_events(
        self,
        *,
        cursor: str | None = None,
        types: str | None = None,
        object: str | None = None,
        party: int | None = None,
        media: str = "text/event-stream",
    ) -> bytes:
        """The same as server-sent events, as they come."""
        return self.document(
            "/v1/events/stream", media, {"cursor": cursor, "types": types, "object": object, "party": party}
        )

    def list_webhooks(self) -> WebhookList:
        """Addresses that events are sent to, one's own unless one may see all."""
        return self.read("/v1/webhooks", WebhookList, None)

    def make_webhook(
        self, body: WebhookForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> WebhookMade:
        """Have events sent to an address, signed; the secret is shown once."""
        return self.command("POST", "/v1/webhooks", WebhookMade, body=body, key=key, dry_run=dry_run, reason=reason)

    def rotate_webhook(
        self, webhook: int, body: RotationForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> WebhookMade:
        """Another secret, beside which the old one signs for a while."""
        return self.command(
            "POST", f"/v1/webhooks/{webhook}/secret", WebhookMade, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def pause_webhook(
        self, webhook: int, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> WebhookChange:
        """Send nothing until it is resumed."""
        return self.command(
            "POST", f"/v1/webhooks/{webhook}/pause", WebhookChange, key=key, dry_run=dry_run, reason=reason
        )

    def resume_webhook(
        self, webhook: int, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> WebhookChange:
        """Send on from where it stopped."""
        return self.command(
            "POST", f"/v1/webhooks/{webhook}/resumption", WebhookChange, key=key, dry_run=dry_run, reason=reason
        )

    def replay_webhook(
        self, webhook: int, body: ReplayForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> WebhookChange:
        """Send again what comes after a cursor."""
        return self.command(
            "POST", f"/v1/webhooks/{webhook}/replay", WebhookChange, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def remove_webhook(
        self, webhook: int, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> WebhookChange:
        """Send nothing any more."""
        return self.command("DELETE", f"/v1/webhooks/{webhook}", WebhookChange, key=key, dry_run=dry_run, reason=reason)

    def list_dead_deliveries(self, webhook: int, *, before: int | None = None, limit: int | None = None) -> DeadList:
        """Deliveries that were given up, the newest first."""
        return self.read(f"/v1/webhooks/{webhook}/dead-deliveries", DeadList, {"before": before, "limit": limit})

    def resend_delivery(
        self, delivery: int, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> WebhookChange:
        """Send once more, under its first id, what was given up."""
        return self.command(
            "POST", f"/v1/dead-deliveries/{delivery}/resending", WebhookChange, key=key, dry_run=dry_run, reason=reason
        )

    def list_nights(self, *, limit: int | None = None, cursor: str | None = None) -> NightPage:
        """The nights there were, the newest first, each with its summary."""
        return self.read("/v1/nights", NightPage, {"limit": limit, "cursor": cursor})

    def start_night(
        self, body: NightStart, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> NightStarted:
        """Close the next business date, or several, in the background."""
        return self.command("POST", "/v1/nights", NightStarted, body=body, key=key, dry_run=dry_run, reason=reason)

    def read_night_at_work(self) -> NightAtWork:
        """How far the night of this service is."""
        return self.read("/v1/nights/at-work", NightAtWork, None)

    def read_night(self, date: date) -> NightDetails:
        """One night, step by step; also while it is at work."""
        return self.read(f"/v1/nights/{date}", NightDetails, None)

    def read_trial_balance(self, *, as_of: date | None = None, currency: str | None = None) -> TrialBalance:
        """Every general-ledger code's debits and credits, and whether the books balance."""
        return self.read("/v1/trial-balance", TrialBalance, {"as_of": as_of, "currency": currency})

    def read_general_ledger(
        self,
        *,
        as_of: date | None = None,
        currency: str | None = None,
        gl_code: int | None = None,
        branch: int | None = None,
    ) -> GeneralLedger:
        """The lines of the general ledger by currency, code and branch."""
        return self.read(
            "/v1/general-ledger",
            GeneralLedger,
            {"as_of": as_of, "currency": currency, "gl_code": gl_code, "branch": branch},
        )

    def read_journal(self, *, after_seq: int | None = None, limit: int | None = None) -> Journal:
        """The journal in order: everything ever posted, once."""
        return self.read("/v1/journal", Journal, {"after_seq": after_seq, "limit": limit})

    def list_records(
        self,
        *,
        object: str | None = None,
        actor: str | None = None,
        action: str | None = None,
        outcome: Literal["done", "pending", "read", "refused"] | None = None,
        party: int | None = None,
        request: UUID | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> AuditRecords:
        """The log of acts, the newest first, by what they are about, who did it and what was done."""
        return self.read(
            "/v1/audit/records",
            AuditRecords,
            {
                "object": object,
                "actor": actor,
                "action": action,
                "outcome": outcome,
                "party": party,
                "request": request,
                "limit": limit,
                "cursor": cursor,
            },
        )

    def read_record(self, number: int) -> AuditRecord:
        """One act, with all that is kept of it."""
        return self.read(f"/v1/audit/records/{number}", AuditRecord, None)

    def list_anchors(self, *, limit: int | None = None, cursor: str | None = None) -> AuditAnchors:
        """What the log's last record was at the end of each business date, to be kept elsewhere."""
        return self.read("/v1/audit/anchors", AuditAnchors, {"limit": limit, "cursor": cursor})

    def verify_records(self, *, from_number: int | None = None) -> AuditProof:
        """Prove that nothing in the log was changed: its chain, its columns, its anchors."""
        return self.read("/v1/audit/verification", AuditProof, {"from_number": from_number})

    def list_approvals(
        self,
        *,
        state: Literal["approved", "done", "expired", "failed", "turned_down", "waiting", "withdrawn"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ApprovalList:
        """Commands that wait or waited for a second person, the newest first."""
        return self.read("/v1/approvals", ApprovalList, {"state": state, "limit": limit, "cursor": cursor})

    def read_approval(self, approval: UUID) -> ApprovalCard:
        """One command with the effect it would have."""
        return self.read(f"/v1/approvals/{approval}", ApprovalCard, None)

    def decide_approval(
        self, approval: UUID, body: DecisionForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> DecisionAnswer:
        """Approve a command, which carries it out as its maker asked it, or turn it down."""
        return self.command(
            "POST",
            f"/v1/approvals/{approval}/decision",
            DecisionAnswer,
            body=body,
            key=key,
            dry_run=dry_run,
            reason=reason,
        )

    def withdraw_approval(
        self, approval: UUID, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> DecisionAnswer:
        """Take back a command one made oneself and that waits."""
        return self.command(
            "POST", f"/v1/approvals/{approval}/withdrawal", DecisionAnswer, key=key, dry_run=dry_run, reason=reason
        )

    def list_users(self, *, limit: int | None = None, cursor: str | None = None) -> PrincipalList:
        """Users by name."""
        return self.read("/v1/users", PrincipalList, {"limit": limit, "cursor": cursor})

    def make_user(
        self, body: UserForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> SecretAnswer:
        """Make a user; the one-time secret is shown once."""
        return self.command("POST", "/v1/users", SecretAnswer, body=body, key=key, dry_run=dry_run, reason=reason)

    def enable_user(
        self, name: str, body: EnabledForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> Acknowledged:
        """Let a user in again, or no more: its sessions end."""
        return self.command(
            "PUT", f"/v1/users/{name}/enabled", Acknowledged, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def grant_user(
        self, name: str, body: GrantForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> Acknowledged:
        """Say which roles a user has, and no others."""
        return self.command(
            "PUT", f"/v1/users/{name}/roles", Acknowledged, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def renew_user_secret(
        self, name: str, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> SecretAnswer:
        """A new one-time secret for a user that forgot its password."""
        return self.command("POST", f"/v1/users/{name}/secret", SecretAnswer, key=key, dry_run=dry_run, reason=reason)

    def reset_user_factor(
        self, name: str, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> Acknowledged:
        """Take the second factor from a user who lost it."""
        return self.command(
            "POST", f"/v1/users/{name}/second-factor-reset", Acknowledged, key=key, dry_run=dry_run, reason=reason
        )

    def end_user_sessions(
        self, name: str, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> Acknowledged:
        """End all sessions of a user."""
        return self.command("POST", f"/v1/users/{name}/log-out", Acknowledged, key=key, dry_run=dry_run, reason=reason)

    def list_clients(self, *, limit: int | None = None, cursor: str | None = None) -> PrincipalList:
        """Clients by name."""
        return self.read("/v1/clients", PrincipalList, {"limit": limit, "cursor": cursor})

    def make_client(
        self, body: ClientForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> SecretAnswer:
        """Make an API client; its secret is shown once."""
        return self.command("POST", "/v1/clients", SecretAnswer, body=body, key=key, dry_run=dry_run, reason=reason)

    def enable_client(
        self, name: str, body: EnabledForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> Acknowledged:
        """Let a client in again, or no more: its tokens end."""
        return self.command(
            "PUT", f"/v1/clients/{name}/enabled", Acknowledged, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def grant_client(
        self, name: str, body: GrantForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> Acknowledged:
        """Say which roles a client has, and no others."""
        return self.command(
            "PUT", f"/v1/clients/{name}/roles", Acknowledged, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def bind_client(
        self, name: str, body: CertificateForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> Acknowledged:
        """Bind a client's tokens to its certificate (RFC 8705), or to none."""
        return self.command(
            "PUT", f"/v1/clients/{name}/certificate", Acknowledged, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def add_client_secret(
        self, name: str, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> SecretAnswer:
        """A second secret for a client, beside the first."""
        return self.command(
            "POST", f"/v1/clients/{name}/secrets", SecretAnswer, key=key, dry_run=dry_run, reason=reason
        )

    def end_client_secret(
        self, name: str, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> Acknowledged:
        """End the older of a client's two secrets."""
        return self.command(
            "POST", f"/v1/clients/{name}/secrets/end", Acknowledged, key=key, dry_run=dry_run, reason=reason
        )

    def list_roles(self) -> RoleList:
        """Every role with its permissions and limits."""
        return self.read("/v1/roles", RoleList, None)

    def put_role(
        self, name: str, body: RoleForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> RoleCard:
        """Make a role, or change it for all who have it."""
        return self.command("PUT", f"/v1/roles/{name}", RoleCard, body=body, key=key, dry_run=dry_run, reason=reason)

    def remove_role(
        self, name: str, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> Acknowledged:
        """Remove a role nobody has."""
        return self.command("DELETE", f"/v1/roles/{name}", Acknowledged, key=key, dry_run=dry_run, reason=reason)

    def list_rules(self) -> RuleList:
        """When commands need a second person."""
        return self.read("/v1/approval-rules", RuleList, None)

    def put_rule(
        self, pattern: str, body: RuleForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> RuleCard:
        """Make a rule of when a command needs a second person, or change it."""
        return self.command(
            "PUT", f"/v1/approval-rules/{pattern}", RuleCard, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def remove_rule(
        self, pattern: str, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> Acknowledged:
        """Remove a rule."""
        return self.command(
            "DELETE", f"/v1/approval-rules/{pattern}", Acknowledged, key=key, dry_run=dry_run, reason=reason
        )

    def list_emergencies(self, *, reviewed: bool | None = None) -> EmergencyList:
        """Uses of break-glass, the newest first; those nobody reviewed unless all are asked for."""
        return self.read("/v1/emergencies", EmergencyList, {"reviewed": reviewed})

    def open_emergency(
        self, body: EmergencyForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> EmergencyAnswer:
        """Take every permission but that over access, for at most an hour; raises an alarm."""
        return self.command(
            "POST", "/v1/emergencies", EmergencyAnswer, body=body, key=key, dry_run=dry_run, reason=reason
        )

    def end_emergency(self, *, key: UUID | None = None, dry_run: bool = False, reason: str = "") -> Acknowledged:
        """End one's own emergency before its time."""
        return self.command("POST", "/v1/emergencies/end", Acknowledged, key=key, dry_run=dry_run, reason=reason)

    def review_emergency(
        self, emergency: UUID, body: FindingForm, *, key: UUID | None = None, dry_run: bool = False, reason: str = ""
    ) -> Acknowledged:
        """Note what another user found of an emergency that is over."""
        return self.command(
            "POST",
            f"/v1/emergencies/{emergency}/review",
            Acknowledged,
            body=body,
            key=key,
            dry_run=dry_run,
            reason=reason,
        )

    def read_unit(self) -> UnitStatus:
        """The unit, its business date, and how far its journal is."""
        return self.read("/v1/unit", UnitStatus, None)

    def read_liveness(self) -> Health:
        """Whether the process answers."""
        return self.read("/health/live", Health, None)

    def read_readiness(self) -> Health:
        """Whether the engine takes work and the database answers."""
        return self.read("/health/ready", Health, None)

    def read_metrics(self, *, media: str = "text/plain") -> bytes:
        """Metrics in the text format of Prometheus."""
        return self.document("/metrics", media, None)

    def read_interface(self) -> dict[str, Any]:
        """This interface, as OpenAPI 3.1."""
        return self.read("/v1/openapi.json", dict[str, Any], None)
