"""yinhe serve: the HTTP interface of a unit."""

import ipaddress
import os
from typing import Annotated

import typer

from yinhe.access.permissions import Permission
from yinhe.api.operation import Rates
from yinhe.api.service import Settings, run_service
from yinhe.cli.options import AsJson, DatabaseUrl, Debug, Home, UnitNumber, configured
from yinhe.cli.output import CommandFailed, Output
from yinhe.feed.addresses import IpNetwork

PORT = 8480


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 for every one.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port; 0 takes a free one.")] = PORT,
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(
            "--trusted-proxy",
            metavar="ADDRESS",
            help="A proxy that ends TLS in front of it: its X-Forwarded-For and client certificate are believed.",
        ),
    ] = None,
    webhook_network: Annotated[
        list[str] | None,
        typer.Option(
            "--webhook-network",
            metavar="NETWORK",
            help="A network of the bank's own, like 10.1.2.0/24, that events may be sent into; none else.",
        ),
    ] = None,
    second_factor_for: Annotated[
        list[str] | None,
        typer.Option(
            "--second-factor-for",
            metavar="PERMISSION",
            help="A permission, like access:write, that users have only when they logged in with a second factor.",
        ),
    ] = None,
    client_rate: Annotated[
        float, typer.Option(min=0.1, help="Most requests a second of one user or client; two seconds' worth at once.")
    ] = Rates().principal_per_s,
    stranger_rate: Annotated[
        float, typer.Option(min=0.1, help="The same of one address, for whoever has not proved who they are.")
    ] = Rates().stranger_per_s,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Serve the HTTP interface of a unit until Ctrl-C or SIGTERM; what was accepted is finished first.

    The first start makes one administrator and prints its one-time secret, once. The interface describes itself at
    /v1/openapi.json. TLS is ended by a proxy in front.

    For example:

    $ yinhe init && yinhe serve

    $ yinhe serve --port 9000 --trusted-proxy 127.0.0.1
    """
    output = Output(as_json)
    settings = Settings(
        host=host,
        port=port,
        trusted_proxies=frozenset(str(_address(one)) for one in trusted_proxy or ()),
        rates=Rates(principal_per_s=client_rate, stranger_per_s=stranger_rate),
        factor_needed=frozenset(_permission(one) for one in second_factor_for or ()),
        webhook_networks=tuple(_network(one) for one in webhook_network or ()),
    )

    def started(address: str, secret: str | None) -> None:
        if secret is not None:
            output.aside(f"The user `administrator` was made. Its one-time secret, shown once: {secret}")
        output.show({"address": address, "one_time_secret": secret}, f"Serving unit {unit} at {address}")

    try:
        run_service(configured(home, database_url, unit), os.environ, settings, started)
    except OSError as error:
        raise CommandFailed(f"Nothing can listen on {host}:{port}: {error.strerror or error}.") from error


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not an address; write it like 127.0.0.1.") from None


def _permission(text: str) -> Permission:
    try:
        return Permission(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no permission; they are in docs/reference/permissions.md.") from None


def _network(text: str) -> IpNetwork:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a network; write it like 10.1.2.0/24.") from None
