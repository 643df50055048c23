package fault

// landFaults are the E34xx codes: rows that the store refused.
var landFaults = []Entry{
	{
		Code: "E3401", Exit: ExitQuarantined,
		Message: Text{"a row before it has the same key and other values, and neither is dated", "前面已有一行具有相同的键但值不同，且两行都没有更新时间"},
		Cause:   Text{"Without a time of change nobody can tell which of the two is right; the first one stays.", "没有更新时间就无法判断哪一行正确；保留第一行。"},
		Fix:     Text{"Remove one of the rows at the source, choose a key that is unique, or map _updated_at.", "请在数据源中删除其中一行，改用唯一的键，或映射 _updated_at。"},
		Kept:    Text{"The first row stands; this one is in quarantine, whole.", "第一行有效；本行已整体进入隔离区。"},
		Example: "E3401 customers.csv:1842: a row before it has the same key and other values, and neither is dated",
	},
	{
		Code: "E3402", Exit: ExitQuarantined,
		Message: Text{"the row became two {type} records with one key", "该行生成了两条键相同的 {type} 记录"},
		Cause:   Text{"Each record of a row needs a name of its own.", "一行生成的每条记录都需要自己的名称。"},
		Fix:     Text{"Give them different _key values in the mapping.", "请在映射中给它们不同的 _key。"},
		Kept:    Text{"The row is in quarantine, whole.", "该行已整体进入隔离区。"},
		Example: "E3402 orders.jsonl:7: the row became two customer records with one key",
	},
	{
		Code: "E3403", Exit: ExitQuarantined,
		Message: Text{"the row became a {type} record that has no key", "该行生成了一条没有键的 {type} 记录"},
		Cause:   Text{"Without a key a record could not be found again when the row is read next.", "没有键，下次读取该行时就无法找回这条记录。"},
		Fix:     Text{"Set source.key in the pipeline, or _key in the mapping.", "请在流水线中设置 source.key，或在映射中设置 _key。"},
		Kept:    Text{"The row is in quarantine, whole.", "该行已整体进入隔离区。"},
		Example: "E3403 customers.csv:12: the row became a customer record that has no key",
	},
	{
		Code: "E3404", Exit: ExitQuarantined,
		Message: Text{"the row became a {type} record of another source or stream", "该行生成了属于其他数据源或流的 {type} 记录"},
		Cause:   Text{"A row's records belong to the stream that it was read from.", "一行生成的记录属于读取它的那个流。"},
		Fix:     Text{"Correct the mapping.", "请改正映射。"},
		Kept:    Text{"The row is in quarantine, whole.", "该行已整体进入隔离区。"},
		Example: "E3404 customers.csv:12: the row became a customer record of another source or stream",
	},
	{
		Code: "E3405", Exit: ExitQuarantined,
		Message: Text{"the row became a {type} record of {megabytes} MB, more than a store can hold", "该行生成了一条 {megabytes} MB 的 {type} 记录，超出存储上限"},
		Cause:   Text{"One record is at most 256 MB.", "单条记录最大为 256 MB。"},
		Fix:     Text{"Leave the large value out in the mapping.", "请在映射中略去过大的值。"},
		Kept:    Text{"The row is in quarantine, whole.", "该行已整体进入隔离区。"},
		Example: "E3405 mail.mbox:3: the row became a interaction record of 300 MB, more than a store can hold",
	},
}
