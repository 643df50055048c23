package fault

var rowKept = Text{"The row is in quarantine, sealed and whole.", "该行已完整加密保存在隔离区。"}

// processFaults are the E325x codes: rows that a pipeline's own processors
// refused, and rows that became no record.
var processFaults = []Entry{
	{
		Code: "E3250", Exit: ExitQuarantined,
		Message: Text{"the processor \"{processor}\" (number {step}) failed on the row", "处理器“{processor}”（第 {step} 个）处理该行失败"},
		Cause:   Text{"A processor of the pipeline ended with an error that nothing caught. Its text is not shown: it may hold values of the row.", "管道的某个处理器以未被捕获的错误结束。其文字不予显示，因为可能含有该行的值。"},
		Fix:     Text{"See the row with `crmhub quarantine show`, try it with `crmhub preview`, mend the processor or wrap it in try and catch, then: crmhub quarantine replay", "用 `crmhub quarantine show` 查看该行，用 `crmhub preview` 试运行，修正处理器或用 try 和 catch 包裹，然后运行：crmhub quarantine replay"},
		Kept:    rowKept,
		Example: "E3250 shop.csv:18: the processor \"mapping\" (number 2) failed on the row",
	},
	{
		Code: "E3251", Exit: ExitQuarantined,
		Message: Text{"a processor broke down on the row", "某个处理器在该行上崩溃"},
		Cause:   Text{"A processor of Benthos panicked. The other rows went on.", "Benthos 的某个处理器发生崩溃。其他行继续处理。"},
		Fix:     Text{"Replace the processor, or change its settings, then: crmhub quarantine replay", "请更换处理器或修改其设置，然后运行：crmhub quarantine replay"},
		Kept:    rowKept,
		Example: "E3251 shop.csv:18: a processor broke down on the row",
	},
	{
		Code: "E3252", Exit: ExitQuarantined,
		Message: Text{"the processors left no object of the row", "处理器没有为该行留下对象"},
		Cause:   Text{"A mapping needs an object of names and values; a list, a text or bytes were left.", "映射需要由名称和值组成的对象；留下的却是列表、文本或字节。"},
		Fix:     Text{"Let the last processor give an object, then: crmhub quarantine replay", "请让最后一个处理器给出对象，然后运行：crmhub quarantine replay"},
		Kept:    rowKept,
		Example: "E3252 shop.csv:18: the processors left no object of the row",
	},
	{
		Code: "E3253", Exit: ExitQuarantined,
		Message: Text{"the row broke the program", "该行使程序出错"},
		Cause:   Text{"Mapping, standardising or validating it panicked. This is a fault of the program; the other rows went on.", "映射、标准化或校验该行时发生崩溃。这是程序的缺陷；其他行继续处理。"},
		Fix:     Text{"Report it with the run's id; replay the row with the next version.", "请附运行编号报告此问题；使用新版本后再重放该行。"},
		Kept:    rowKept,
		Example: "E3253 shop.csv:18: the row broke the program",
	},
	{
		Code: "E3254", Exit: ExitQuarantined,
		Message: Text{"the row has no key", "该行没有键"},
		Cause:   Text{"A column of its key is empty, or the pipeline names none and the source knows none. Without a key a record could not be found again.", "键的某一列为空，或者管道未指定键而来源也不提供。没有键的记录无法再被找到。"},
		Fix:     Text{"Fill the column in the source, name another in source.key, or set root._key in the mapping; then: crmhub quarantine replay", "请在来源中填写该列，在 source.key 中指定其他列，或在映射中设置 root._key；然后运行：crmhub quarantine replay"},
		Kept:    rowKept,
		Example: "E3254 shop.csv:18: the row has no key",
	},
	{
		Code: "E3255", Exit: ExitQuarantined,
		Message: Text{"the row became two {type} records of the same key", "该行变成了两条键相同的 {type} 记录"},
		Cause:   Text{"One would overwrite the other.", "其中一条会覆盖另一条。"},
		Fix:     Text{"Give each its own root._key in the mapping, then: crmhub quarantine replay", "请在映射中为每条记录设置各自的 root._key，然后运行：crmhub quarantine replay"},
		Kept:    rowKept,
		Example: "E3255 shop.csv:18: the row became two customer records of the same key",
	},
	{
		Code: "E3256", Exit: ExitQuarantined,
		Message: Text{"the mapping named a type that does not exist", "映射指定了不存在的类型"},
		Cause:   Text{"The types are customer, order, payment, shipment and interaction.", "类型包括 customer、order、payment、shipment 和 interaction。"},
		Fix:     Text{"Correct root._type in the mapping, then: crmhub quarantine replay", "请改正映射中的 root._type，然后运行：crmhub quarantine replay"},
		Kept:    rowKept,
		Example: "E3256 shop.csv:18: the mapping named a type that does not exist",
	},
	{
		Code: "E3257", Exit: ExitQuarantined,
		Message: Text{"the time of the last change cannot be read", "无法识别最后修改时间"},
		Cause:   Text{"root._updated_at is no time that is understood; the record is taken as undated.", "root._updated_at 不是可识别的时间；该记录按无日期处理。"},
		Fix:     Text{"Give it as RFC 3339, or with the connection's zone and dates; convert it in the mapping.", "请写成 RFC 3339，或配合连接的 zone 和 dates；也可在映射中转换。"},
		Kept:    Text{"The value is kept sealed in the record's list of invalid values.", "该值已加密保存在记录的无效值列表中。"},
		Example: "E3257 shop.csv:18: the time of the last change cannot be read",
	},
}
