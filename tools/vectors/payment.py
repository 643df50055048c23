"""Writes the signature vectors of connectors/alipay and connectors/wechatpay, as two SDKs that others wrote make them.

    python3 -m venv v && v/bin/pip install python-alipay-sdk==3.4.0 wechatpayv3==2.0.4
    v/bin/python tools/vectors/payment.py

The keys are made here and are good for nothing else.
"""
import base64
import json
import time
from pathlib import Path

from alipay import AliPay
from Cryptodome.PublicKey import RSA
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from wechatpayv3 import utils

root = Path(__file__).resolve().parents[2] / "connectors"
key = RSA.generate(2048)
private, public = key.export_key(pkcs=8).decode(), key.publickey().export_key().decode()

sdk = AliPay(appid="2021000000000001", app_private_key_string=private, alipay_public_key_string=public)
data = {
    "app_id": "2021000000000001", "method": "alipay.data.dataservice.bill.downloadurl.query", "format": "JSON", "charset": "utf-8",
    "sign_type": "RSA2", "timestamp": "2026-03-02 10:30:00", "version": "1.0",
    "biz_content": '{"bill_type":"trade","bill_date":"2026-03-01"}',
}
answer = '{"code":"10000","msg":"Success","bill_download_url":"http:\\/\\/dwbillcenter.alipay.com\\/x?bizType=trade&name=\u660e\u7ec6"}'
(root / "alipay/testdata/vectors.json").write_text(json.dumps({
    "origin": "python-alipay-sdk 3.4.0, tools/vectors/payment.py",
    "private_key": private, "bare_key": base64.b64encode(key.export_key("DER", pkcs=1)).decode(), "public_key": public,
    "signed_request": sdk.sign_data(dict(data)), "answer": answer, "answer_sign": sdk._sign(answer),
}, indent=1, ensure_ascii=False) + "\n")

time.time = lambda: 1772418600.0
path = "/v3/bill/tradebill?bill_date=2026-03-01&bill_type=ALL&tar_type=GZIP"
pem = load_pem_private_key(private.encode(), None)
header = utils.build_authorization(path, "GET", "1900000001", "5157F09EFDC096DE15EBE81A47057A7232F1B8E1", pem, nonce_str="C380BEC2BFD727A4B6845133519F3AD6")
body = '{"hash_type":"SHA1","hash_value":"79bb0f45fc4c42234a918000b2668d689e2bde04","download_url":"https://api.mch.weixin.qq.com/v3/billdownload/file?token=x"}'
(root / "wechatpay/testdata/vectors.json").write_text(json.dumps({
    "origin": "wechatpayv3 2.0.4, tools/vectors/payment.py",
    "private_key": private, "public_key": public, "path": path, "mchid": "1900000001", "serial_no": "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
    "nonce": "C380BEC2BFD727A4B6845133519F3AD6", "timestamp": "1772418600", "authorization": header,
    "answer": body, "answer_sign": utils.rsa_sign(pem, "1772418600\nn\n%s\n" % body),
}, indent=1) + "\n")
assert utils.rsa_verify("1772418600", "n", body, utils.rsa_sign(pem, "1772418600\nn\n%s\n" % body), pem.public_key())
