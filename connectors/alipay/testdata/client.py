"""Fetches a day's statement from a stand-in with python-alipay-sdk, a client that others wrote, and prints its rows."""
import csv
import io
import json
import os
import urllib.request
import zipfile

from alipay import AliPay

client = AliPay(appid=os.environ["APP_ID"], app_private_key_string=os.environ["PRIVATE_KEY"], alipay_public_key_string=os.environ["PUBLIC_KEY"])
client._gateway = os.environ["URL"]
answer = client.server_api("alipay.data.dataservice.bill.downloadurl.query", {"bill_type": "trade", "bill_date": os.environ["DAY"]})
with urllib.request.urlopen(answer["bill_download_url"]) as r:
    archive = zipfile.ZipFile(io.BytesIO(r.read()), metadata_encoding="gbk")
name = [n for n in archive.namelist() if "汇总" not in n][0]
lines = [line for line in archive.read(name).decode("gbk").splitlines() if not line.startswith("#")]
rows = [{k.strip(): v.strip() for k, v in row.items()} for row in csv.DictReader(lines)]
print(json.dumps([[r["支付宝交易号"], r["商户订单号"], r["商品名称"], r["订单金额（元）"], r["服务费（元）"]] for r in rows]))
