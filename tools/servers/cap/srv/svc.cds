using crm from '../db/schema';

@path: '/odata/v4/crm'
@requires: 'authenticated-user'
@cds.query.limit: {default: 20, max: 50, reliablePaging: true}
service crmService {
  entity A_BusinessPartner        as projection on crm.A_BusinessPartner;
  entity A_BusinessPartnerAddress as projection on crm.A_BusinessPartnerAddress;
  entity A_AddressEmailAddress    as projection on crm.A_AddressEmailAddress;
  entity A_AddressPhoneNumber     as projection on crm.A_AddressPhoneNumber;
  entity A_SalesOrder             as projection on crm.A_SalesOrder;
  entity A_SalesOrderItem         as projection on crm.A_SalesOrderItem;
}
