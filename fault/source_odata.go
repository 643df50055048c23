package fault

// odataFaults: OData services, beside what every HTTP source can meet.
var odataFaults = []Entry{
	{
		Code: "E2340", Exit: ExitFailed,
		Message: Text{"{address} does not describe an OData service", "{address} 没有描述 OData 服务"},
		Cause:   Text{"What it answers for $metadata is no service document of OData 2 or 4: perhaps the url names one collection, or a page for people.", "它对 $metadata 的应答不是 OData 2 或 4 的服务文档：url 可能指向某个集合或网页。"},
		Fix:     Text{"give the service's root as url, the part before the names of the collections: …/sap/opu/odata/sap/API_BUSINESS_PARTNER or …/api/data/v9.2", "请把 url 设为服务根地址，即集合名称之前的部分：…/sap/opu/odata/sap/API_BUSINESS_PARTNER 或 …/api/data/v9.2"},
		Kept:    nothingTouched,
		Example: "E2340 sap: sap.example does not describe an OData service",
	},
	{
		Code: "E2341", Exit: ExitUsage,
		Message: Text{"the query holds {name}, which is not for a pipeline to say", "查询中含有 {name}，管道不能指定它"},
		Cause:   Text{"Order, paging and format belong to the connector. A query may hold $select, $expand, $filter, $search and options of the service's own.", "排序、分页与格式由连接器决定。查询可含 $select、$expand、$filter、$search 以及服务自有的选项。"},
		Fix:     Text{"leave it out of source.query", "请从 source.query 中去掉它"},
		Kept:    nothingTouched,
		Example: "E2341 sap/A_BusinessPartner: the query holds $top, which is not for a pipeline to say",
	},
	{
		Code: "E2342", Exit: ExitUsage,
		Message: Text{"{stream} has no property {name} (nearest: {nearest}) of a time", "{stream} 没有表示时间的属性 {name}（最接近：{nearest}）"},
		Cause:   Text{"An incremental read asks for what changed since an instant, by a property that is a date and time.", "增量读取按日期时间类型的属性查询某一时刻之后的变更。"},
		Fix:     Text{"name another in source.cursor, set track_changes: true where the service tracks changes, or read with mode: full", "请在 source.cursor 中指定其他属性；若服务支持变更跟踪，请设置 track_changes: true；或使用 mode: full"},
		Kept:    nothingTouched,
		Example: "E2342 sap/A_Country: A_Country has no property LastChange of a time",
	},
}
