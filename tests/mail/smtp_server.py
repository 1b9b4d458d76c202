"""An SMTP server of Debian's aiosmtpd for the tests of mails: STARTTLS by a certificate of its own, a login, and faults on demand.

    with SmtpServer(folder) as server:     # {folder}/ca.pem is what a client has to trust
        server.faults["a@example.com"] = ["451 later", DROP, "550 unknown"]    # the next answers to mails for this address, one each
        server.mails                       # what it took: Mail(to, message, secure, signed_in)
"""
import asyncio
import collections
import email
import email.policy
import logging
import pathlib
import ssl
import subprocess
import threading
import warnings

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from stack import free_port

USER, PASSWORD = "mailer", "s3cret of the mailer"
logging.getLogger("mail.log").setLevel(logging.CRITICAL)
warnings.filterwarnings("ignore", module="aiosmtpd")
DROP = "drop"  # the connection is closed in the middle of the message
Mail = collections.namedtuple("Mail", "to message secure signed_in")


class SmtpServer:
    def __init__(self, folder, starttls=True, port=None):
        self.folder, self.starttls = pathlib.Path(folder), starttls
        self.mails, self.faults, self.delay_seconds = [], {}, 0
        self.begun = 0  # mails whose text was received, taken or not
        self.logins = []  # (user, over TLS)
        self.lock = threading.Lock()
        self.port = port or free_port()
        if port is None:
            self.make_certificate()
        self.controller = None

    @property
    def ca(self):
        return str(self.folder / "ca.pem")

    def make_certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-keyout", str(self.folder / "key.pem"), "-out", self.ca],
                       check=True, capture_output=True)
        (self.folder / "ca.pem").chmod(0o644)

    def __enter__(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca, str(self.folder / "key.pem"))
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, tls_context=context if self.starttls else None,
                                     require_starttls=self.starttls, auth_required=True, authenticator=self.authenticate, auth_require_tls=False)
        self.controller.start()
        return self

    def __exit__(self, *_):
        self.controller.stop()

    def authenticate(self, _server, session, _envelope, _mechanism, data):
        is_right = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        self.logins.append((data.login.decode(), session.ssl is not None))
        return AuthResult(success=is_right)

    # ---- what aiosmtpd calls ----

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        with self.lock:
            fault = self.faults[address].pop(0) if self.faults.get(address) else None
        if fault and fault != DROP:
            return fault
        envelope.rcpt_tos.append(address)
        envelope.drops = fault == DROP
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.begun += 1
        if self.delay_seconds:
            await asyncio.sleep(self.delay_seconds)
        if getattr(envelope, "drops", False):
            server.transport.abort()
            return "451 never sent"
        message = email.message_from_bytes(envelope.original_content, policy=email.policy.SMTP)
        with self.lock:
            self.mails.append(Mail(envelope.rcpt_tos[0], message, session.ssl is not None, session.authenticated))
        return "250 taken"

    # ---- what tests ask ----

    def of(self, to):
        with self.lock:
            return [mail.message for mail in self.mails if mail.to == to]


def text_of(message):
    return message.get_body(("plain",)).get_content()
