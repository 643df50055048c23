package fault

// matchFaults are the E6xxx codes: matching and golden records.
var matchFaults = []Entry{
	{
		Code: "E6001", Exit: ExitUsage,
		Message: Text{"{what} has no \"{name}\" (nearest: {nearest})", "{what} 中没有“{name}”(最接近的是:{nearest})"},
		Cause:   Text{"A word that the matcher doesn't know would be ignored silently, so it is refused.", "匹配器不认识的词会被悄悄忽略,因此被拒绝。"},
		Fix:     Text{"Correct the word. The shipped model mdm/customer.yaml shows all of them.", "请改正该词。自带的模型 mdm/customer.yaml 列出了全部可用的词。"},
		Kept:    Text{"Nothing was matched; the golden records are as they were.", "没有进行匹配;黄金记录保持不变。"},
		Example: "E6001 mdm/customer.yaml:31:5: blocks has no \"famly_sound\" (nearest: family_sound)",
	},
	{
		Code: "E6002", Exit: ExitUsage,
		Message: Text{"{field} is out of range; want {want}", "{field} 超出范围;应为 {want}"},
		Cause:   Text{"With this value no sensible decision can be computed.", "使用该值无法计算出合理的判定。"},
		Fix:     Text{"Correct the value in the model file.", "请在模型文件中改正该值。"},
		Kept:    Text{"Nothing was matched; the golden records are as they were.", "没有进行匹配;黄金记录保持不变。"},
		Example: "E6002 mdm/customer.yaml:52:17: comparisons.email.exact.m is out of range; want more than 0 and at most 1",
	},
	{
		Code: "E6003", Exit: ExitUsage,
		Message: Text{"the blocking key {key} has too few values: about {bits} bits, want {want}", "分块键 {key} 的取值太少:约 {bits} 比特,至少需要 {want}"},
		Cause:   Text{"Keys are kept as keyed hashes. With few values their frequencies alone would tell what they stand for, and each would propose far too many pairs.", "分块键以带密钥的哈希保存。取值太少时,仅凭出现频率就能猜出原值,而且每个键会产生过多的候选对。"},
		Fix:     Text{"Add another element to the key, such as birth_date or postcode.", "请在该键中再加入一个元素,例如 birth_date 或 postcode。"},
		Kept:    Text{"Nothing was matched; the golden records are as they were.", "没有进行匹配;黄金记录保持不变。"},
		Example: "E6003 mdm/customer.yaml:33:5: the blocking key city has too few values: about 6 bits, want 17",
	},
	{
		Code: "E6004", Exit: ExitUsage,
		Message: Text{"the model has no {field}", "模型缺少 {field}"},
		Cause:   Text{"Without it the model can't decide anything.", "缺少它,模型无法作出任何判定。"},
		Fix:     Text{"Add it; the shipped model mdm/customer.yaml shows how.", "请补上;可参照自带的模型 mdm/customer.yaml。"},
		Kept:    Text{"Nothing was matched; the golden records are as they were.", "没有进行匹配;黄金记录保持不变。"},
		Example: "E6004 mdm/customer.yaml: the model has no comparisons",
	},
	{
		Code: "E6101", Exit: ExitUsage,
		Message: Text{"the golden record does not hold {count} of the records that were named", "该黄金记录不包含所指定记录中的 {count} 条"},
		Cause:   Text{"Only members of a golden record can be taken out of it, and at least one must stay.", "只能从黄金记录中移出它的成员,并且至少要保留一条。"},
		Fix:     Text{"Look at its members with: crmhub golden get ID", "请用 crmhub golden get ID 查看其成员。"},
		Kept:    Text{"The golden record is as it was.", "黄金记录保持不变。"},
		Example: "E6101 the golden record does not hold 1 of the records that were named",
	},
	{
		Code: "E6102", Exit: ExitFailed,
		Message: Text{"the store changed while it was resolved: {count} of {want} records could not be read again", "解析过程中存储发生了变化:{want} 条记录中有 {count} 条无法再次读取"},
		Cause:   Text{"Something wrote to the store beside the run that holds its lock.", "有其他程序绕过持锁的运行写入了存储。"},
		Fix:     Text{"Stop the other program and run again; what was left is taken up.", "请停止该程序后重新运行;未完成的部分会继续处理。"},
		Kept:    Text{"Components that were written are whole; the others stay marked for resolving.", "已写入的部分是完整的;其余部分仍标记为待解析。"},
		Example: "E6102 the store changed while it was resolved: 3 of 4000 records could not be read again",
	},
	{
		Code: "E6103", Exit: ExitTemporary,
		Message: Text{"{count} records stay marked for resolving, pass after pass", "多次解析后仍有 {count} 条记录处于待解析状态"},
		Cause:   Text{"They change faster than they are resolved, or the store doesn't take them off the list.", "它们的变化快于解析速度,或存储没有将其移出待解析列表。"},
		Fix:     Text{"Run again when fewer runs write to the store; crmhub doctor looks at the store itself.", "请在写入存储的运行较少时重试;crmhub doctor 可检查存储本身。"},
		Kept:    Text{"What was resolved is written and whole.", "已解析的部分已完整写入。"},
		Example: "E6103 12 records stay marked for resolving, pass after pass",
	},
}
