"""Fetches a day's statement from a stand-in with wechatpayv3, a client that others wrote, and prints its rows."""
import csv
import gzip
import json
import os

from wechatpayv3 import WeChatPay, WeChatPayType

client = WeChatPay(
    wechatpay_type=WeChatPayType.NATIVE, mchid=os.environ["MCHID"], private_key=os.environ["PRIVATE_KEY"], cert_serial_no=os.environ["SERIAL_NO"],
    apiv3_key="0" * 32, appid="wx1", public_key=os.environ["PUBLIC_KEY"], public_key_id="PUB_KEY_ID_1")
client._core._gate_way = os.environ["URL"]
code, answer = client.trade_bill(bill_date=os.environ["DAY"])
assert code == 200, answer
code, packed = client.download_bill(json.loads(answer)["download_url"])
assert code == 200, code
lines = gzip.decompress(packed).decode("utf-8-sig").splitlines()
head = lines[0].split(",")
rows = [dict(zip(head, (cell.lstrip("`") for cell in next(csv.reader([line.replace(",`", "\x00`")], delimiter="\x00"))))) for line in lines[1:-2]]
print(json.dumps([[r["微信订单号"], r["商户订单号"], r["商品名称"], r["订单金额"], r["手续费"]] for r in rows]))
