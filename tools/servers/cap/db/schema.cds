// Business partners and sales orders in the shape of S/4HANA's
// API_BUSINESS_PARTNER and API_SALES_ORDER_SRV, cut down.
namespace crm;

entity A_BusinessPartner {
  key BusinessPartner         : String(10);
      BusinessPartnerCategory : String(1); // 1 person, 2 organisation
      BusinessPartnerFullName : String(81);
      FirstName               : String(40);
      LastName                : String(40);
      OrganizationBPName1     : String(40);
      BirthDate               : Date;
      GenderCodeName          : String(20);
      CorrespondenceLanguage  : String(2);
      IsMarkedForArchiving    : Boolean default false;
      LastChangeDateTime      : Timestamp @cds.on.insert: $now @cds.on.update: $now;
      to_BusinessPartnerAddress : Composition of many A_BusinessPartnerAddress on to_BusinessPartnerAddress.BusinessPartner = $self.BusinessPartner;
}

entity A_BusinessPartnerAddress {
  key BusinessPartner : String(10);
  key AddressID       : String(10);
      StreetName      : String(60);
      HouseNumber     : String(10);
      CityName        : String(40);
      District        : String(40);
      Region          : String(3);
      PostalCode      : String(10);
      Country         : String(3);
      to_EmailAddress : Composition of many A_AddressEmailAddress on to_EmailAddress.AddressID = $self.AddressID;
      to_PhoneNumber  : Composition of many A_AddressPhoneNumber on to_PhoneNumber.AddressID = $self.AddressID;
}

entity A_AddressEmailAddress {
  key AddressID     : String(10);
  key OrdinalNumber : String(3);
      EmailAddress  : String(241);
}

entity A_AddressPhoneNumber {
  key AddressID                : String(10);
  key OrdinalNumber            : String(3);
      DestinationLocationCountry : String(3);
      PhoneNumber              : String(30);
}

entity A_SalesOrder {
  key SalesOrder             : String(10);
      SoldToParty            : String(10);
      SalesOrderDate         : Date;
      TotalNetAmount         : Decimal(16, 3);
      TransactionCurrency    : String(5);
      OverallSDProcessStatus : String(1);
      LastChangeDateTime     : Timestamp @cds.on.insert: $now @cds.on.update: $now;
      to_Item                : Composition of many A_SalesOrderItem on to_Item.SalesOrder = $self.SalesOrder;
}

entity A_SalesOrderItem {
  key SalesOrder        : String(10);
  key SalesOrderItem    : String(6);
      Material          : String(40);
      SalesOrderItemText : String(40);
      RequestedQuantity : Decimal(15, 3);
      NetAmount         : Decimal(16, 3);
}
