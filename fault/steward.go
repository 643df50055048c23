package fault

// stewardFaults are the E65xx codes: what stewards decide.
var stewardFaults = []Entry{
	{
		Code: "E6501", Exit: ExitUsage,
		Message: Text{"a decision needs a reason", "裁定需要说明原因"},
		Cause:   Text{"What a steward decides holds for ever; whoever looks at it later must see why.", "数据管家的裁定长期有效；日后查看的人须能知道原因。"},
		Fix:     Text{"Add --reason \"…\"; in a sheet, fill the column reason.", "请加上 --reason \"…\"；在表格中请填写 reason 列。"},
		Kept:    Text{"Nothing was decided.", "没有作出任何裁定。"},
		Example: "E6501 a decision needs a reason",
	},
	{
		Code: "E6502", Exit: ExitUsage,
		Message: Text{"{name} is not an attribute that can be asked for here (nearest: {nearest})", "{name} 不是此处可用的属性（最接近：{nearest}）"},
		Cause:   Text{"Attributes are those of the schema of customers. A reading that is derived, and consents, which are the customer's own, cannot be set.", "属性以客户的模式为准。推导出的读音以及属于客户本人的同意状态不能指定。"},
		Fix:     Text{"Use the nearest name; crmhub golden get ID shows the attributes.", "请使用最接近的名称；crmhub golden get ID 会显示各属性。"},
		Kept:    Text{"Nothing was changed.", "没有更改任何内容。"},
		Example: "E6502 emial is not an attribute that can be asked for here (nearest: emails)",
	},
	{
		Code: "E6503", Exit: ExitUsage,
		Message: Text{"the value does not fit {name}: {rule}", "该值不符合 {name}：{rule}"},
		Cause:   Text{"A golden value keeps the rules of the schema, a steward's too.", "黄金记录的值须符合模式，数据管家指定的值也不例外。"},
		Fix:     Text{"Correct the value. Lists and objects are written as JSON, with --json.", "请改正该值。列表和对象以 JSON 书写，并加上 --json。"},
		Kept:    Text{"Nothing was changed.", "没有更改任何内容。"},
		Example: "E6503 the value does not fit birth_date: format",
	},
	{
		Code: "E6504", Exit: ExitUsage,
		Message: Text{"--until is not a moment to come", "--until 不是将来的时刻"},
		Cause:   Text{"A value that is to hold for a time ends after now.", "限时有效的值须在将来结束。"},
		Fix:     Text{"Write a date (2027-01-31), a moment (2027-01-31T18:00:00+08:00) or a number of days (90d).", "请写日期（2027-01-31）、时刻（2027-01-31T18:00:00+08:00）或天数（90d）。"},
		Kept:    Text{"Nothing was changed.", "没有更改任何内容。"},
		Example: "E6504 --until is not a moment to come",
	},
}
