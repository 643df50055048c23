"""Reads an Odoo by a client that is not ours.

The environment gives CLIENT, URL, DATABASE, LOGIN and KEY.
"""

import json
import os
import urllib.parse

client, url, database, user, key = (os.environ[name] for name in ("CLIENT", "URL", "DATABASE", "LOGIN", "KEY"))
address = urllib.parse.urlsplit(url)
wanted = {
    "partners": ("res.partner", ["name", "email", "active"]),
    "orders": ("sale.order", ["name", "state", "amount_total"]),
    "payments": ("account.payment", ["name", "amount", "date"]),
}
everything = {"active_test": False}


def by_odoolib(model, fields):
    import odoolib

    connection = odoolib.get_connection(
        hostname=address.hostname, port=address.port, database=database, login=user, password=key, protocol="json2"
    )
    return connection.get_model(model).search_read(domain=[], fields=fields, order="id asc", context=everything)


def by_odoorpc(model, fields):
    import odoorpc

    odoo = odoorpc.ODOO(address.hostname, port=address.port)
    odoo.login(database, user, key)
    return odoo.execute_kw(model, "search_read", [[]], {"fields": fields, "order": "id asc", "context": everything})


def by_xmlrpc(model, fields):
    import xmlrpc.client

    common = xmlrpc.client.ServerProxy(url + "/xmlrpc/2/common")
    uid = common.authenticate(database, user, key, {})
    models = xmlrpc.client.ServerProxy(url + "/xmlrpc/2/object")
    return models.execute_kw(
        database, uid, key, model, "search_read", [[]], {"fields": fields, "order": "id asc", "context": everything}
    )


read = {"odoolib": by_odoolib, "odoorpc": by_odoorpc, "xmlrpc": by_xmlrpc}[client]
print(json.dumps({name: read(model, fields) for name, (model, fields) in wanted.items()}))
