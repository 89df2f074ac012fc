"""A typed client of the HTTP interface.

with Client("http://127.0.0.1:8480", client="mobile-bank", secret=secret) as bank:
    print(bank.read_unit().business_date)
"""

from yinhe.client.operations import Client
from yinhe.client.transport import ClientFault, Pending, Problem

__all__ = ["Client", "ClientFault", "Pending", "Problem"]
