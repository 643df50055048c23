"""Reads the transactions of a stand-in with PayPal's own client and prints them."""
import json
import os

from paypalserversdk.configuration import Configuration, Environment, Server
from paypalserversdk.http.auth.o_auth_2 import ClientCredentialsAuthCredentials
from paypalserversdk.paypal_serversdk_client import PaypalServersdkClient

Configuration.environments[Environment.SANDBOX][Server.DEFAULT] = os.environ["URL"]
client = PaypalServersdkClient(client_credentials_auth_credentials=ClientCredentialsAuthCredentials(
    o_auth_client_id=os.environ["CLIENT_ID"], o_auth_client_secret=os.environ["CLIENT_SECRET"]))
rows, page = [], 1
while True:
    body = client.transaction_search.search_transactions({
        "start_date": os.environ["START"], "end_date": os.environ["END"], "fields": "all", "page_size": 2, "page": page}).body
    for detail in body.transaction_details:
        info, payer = detail.transaction_info, detail.payer_info
        rows.append({
            "id": info.transaction_id, "code": info.transaction_event_code, "at": info.transaction_initiation_date, "status": info.transaction_status,
            "amount": info.transaction_amount.value, "currency": info.transaction_amount.currency_code, "email": payer.email_address,
        })
    if page >= body.total_pages:
        break
    page += 1
print(json.dumps(rows))
