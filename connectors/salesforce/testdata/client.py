"""Reads the contacts of a stand-in with simple-salesforce, by SOQL with its locators and by getDeleted, and prints them."""
import datetime
import json
import os

import requests
from simple_salesforce import Salesforce


class Plain(requests.Session):
    """The client knows https alone; the stand-in has no certificate."""

    def request(self, method, url, *args, **kwargs):
        return super().request(method, url.replace("https://", "http://", 1), *args, **kwargs)


sf = Salesforce(instance=os.environ["HOST"], session_id=os.environ["TOKEN"], version="62.0", session=Plain())
contacts = sf.query_all("SELECT FIELDS(STANDARD), Account.Name FROM Contact ORDER BY SystemModstamp, Id")
now = datetime.datetime.now(datetime.timezone.utc)
deleted = sf.Contact.deleted(now - datetime.timedelta(days=2), now)
print(json.dumps({
    "contacts": [[c["Id"], c["Email"], c["SystemModstamp"]] for c in contacts["records"]],
    "deleted": [d["id"] for d in deleted["deletedRecords"]],
}))
