"""Fills a fresh Tryton database for the tests: a company, its books, people and what they ordered."""
import os
import sys
from datetime import date
from decimal import Decimal

os.environ["DB_NAME"] = ":memory:"  # the helpers of the modules' own tests ask for it

from proteus import Model, config

config.set_trytond(database="sqlite:///" + sys.argv[2], user="admin", config_file=sys.argv[1])

from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts
from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences
from trytond.modules.company.tests.tools import create_company, get_company

create_company()
company = get_company()
fiscalyear = set_fiscalyear_invoice_sequences(create_fiscalyear(company, date(2026, 1, 1)))
fiscalyear.click("create_period")
create_chart(company)
accounts = get_accounts(company)

Party = Model.get("party.party")
Country = Model.get("country.country")
china = Country(name="China", code="CN")
china.save()
parties = []
for i, (name, mail, mobile, city, street) in enumerate([
        ("李娜", "lina@example.com", "+8613800138000", "北京", "朝阳门外大街 1 号"),
        ("青禾茶业有限公司", "office@qinghe.example.com", "+861065880001", "杭州", "龙井路 8 号"),
        ("John Smith", "john@example.co.uk", "+442079460018", "London", "1 High Street")]):
    p = Party(name=name, code="P%d" % (i + 1))
    p.addresses[0].street, p.addresses[0].city, p.addresses[0].postal_code = street, city, "10000%d" % i
    if i < 2:
        p.addresses[0].country = china
    for kind, value in (("email", mail), ("mobile", mobile)):
        c = p.contact_mechanisms.new()
        c.type, c.value = kind, value
    p.save()
    parties.append(p)
gone = Party(name="Gone Away", code="P4")
gone.save()
gone.active = False
gone.save()

Category = Model.get("product.category")
category = Category(name="Tea", accounting=True, account_expense=accounts["expense"], account_revenue=accounts["revenue"])
category.save()
Unit = Model.get("product.uom")
unit, = Unit.find([("name", "=", "Unit")])
Template = Model.get("product.template")
template = Template(name="明前龙井", default_uom=unit, type="goods", salable=True, list_price=Decimal("99.50"), account_category=category)
template.cost_price_method = "fixed"
template.save()
product, = template.products
Term = Model.get("account.invoice.payment_term")
term = Term(name="Now")
term.lines.new().type = "remainder"
term.save()
Sale = Model.get("sale.sale")
for party, quantity in ((parties[0], 3), (parties[1], 20)):
    sale = Sale(party=party, payment_term=term, sale_date=date(2026, 2, 1))
    line = sale.lines.new()
    line.product, line.quantity = product, quantity
    line.unit_price = Decimal("99.50")
    sale.save()
    sale.click("quote")
