"""Asks a stand-in for routes with sf-sdk, a client that others wrote, and prints them."""
import json
import os

import sf.comm.comm as comm

comm.URL = os.environ["URL"] + "/std/service"
comm.TOKEN_URL = os.environ["URL"] + "/oauth2/accessToken"

from sf.api import SF  # noqa: E402  (the addresses come first)

client = SF(os.environ["PARTNER_ID"], os.environ["CHECK_WORD"])
numbers = os.environ["WAYBILLS"].split(",")
rows = []
for n in range(0, len(numbers), 10):
    answer = client.order.get_route_info(numbers[n:n + 10], checkPhoneNo=",".join(["8000"] * len(numbers[n:n + 10])))
    rows += answer["msgData"]["routeResps"]
print(json.dumps(rows))
