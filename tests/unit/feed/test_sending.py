"""A delivery over TLS goes to the address that was judged, and believes a certificate of the name alone."""

import datetime
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from yinhe.feed.addresses import Rules
from yinhe.feed.sending import HttpSender, Sent

NAME = "hooks.example"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of NAME, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@pytest.fixture
def server(certificate: Path) -> Iterator[tuple[int, list[str]]]:
    """A server with the certificate: its port, and the hosts it was asked for."""
    hosts: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hosts.append(self.headers["host"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    made = HTTPServer(("127.0.0.1", 0), Handler)
    # The handshake is done by the thread that answers, and a failed one is its own affair.
    made.socket = context.wrap_socket(made.socket, server_side=True, do_handshake_on_connect=False)
    made.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made.server_address[1], hosts
    made.shutdown()
    made.server_close()
    thread.join()


def test_the_name_is_proved_though_the_connection_goes_to_the_address(
    server: tuple[int, list[str]], certificate: Path
) -> None:
    port, hosts = server
    trust = ssl.create_default_context(cafile=str(certificate))
    sender = HttpSender(Rules(), look_up=lambda host, port: ["127.0.0.1"], trust=trust)
    assert sender.send(f"https://{NAME}:{port}/in", {}, b"{}") == Sent(204)
    assert hosts == [f"{NAME}:{port}"]
    assert sender.send(f"https://other.example:{port}/in", {}, b"{}") == Sent(0, "ConnectError")
    unknown = HttpSender(Rules(), look_up=lambda host, port: ["127.0.0.1"])
    assert unknown.send(f"https://{NAME}:{port}/in", {}, b"{}") == Sent(0, "ConnectError")
    assert len(hosts) == 1
