package fault

// yamlFaults are the E10xx codes: the YAML files that users write.
var yamlFaults = []Entry{
	{
		Code: "E1001", Exit: ExitUsage,
		Message: Text{"the file is not valid YAML: {what}", "文件不是有效的 YAML:{what}"},
		Cause:   Text{"The text breaks the rules of YAML at this place, often by indentation, a missing quote or a tab.", "此处的文字不符合 YAML 规则，常见原因是缩进、缺少引号或使用了制表符。"},
		Fix:     Text{"Correct the file at this place. Indent with spaces, and put text that holds \": \" or begins with a special character in quotes.", "请在此处改正文件。用空格缩进；含有“： ”或以特殊字符开头的文字要加引号。"},
		Kept:    Text{"Nothing was read or written.", "没有读取或写入任何内容。"},
		Example: "E1001 hub.yaml:4:9: the file is not valid YAML: could not find end character of double-quoted text",
	},
	{
		Code: "E1002", Exit: ExitUsage,
		Message: Text{"unknown key \"{name}\" (nearest: {nearest})", "未知的键“{name}”（最接近的是：{nearest}）"},
		Cause:   Text{"A key that nobody reads would be ignored silently, so it is refused.", "没有任何部分读取的键会被悄悄忽略，因此被拒绝。"},
		Fix:     Text{"Correct the name, or remove the key. Keys known here: {known}", "改正名称或删除该键。此处可用的键：{known}"},
		Kept:    Text{"Nothing was read or written.", "没有读取或写入任何内容。"},
		Example: "E1002 pipelines/shop_customer.yaml:3:3: unknown key \"overlp\" (nearest: overlap)",
	},
	{
		Code: "E1003", Exit: ExitUsage,
		Message: Text{"\"{name}\" wants {want}; found {found}", "“{name}”应为 {want}；实际为 {found}"},
		Cause:   Text{"The value is of another type than the key takes.", "该值的类型与此键所需的类型不符。"},
		Fix:     Text{"Correct the value.", "请改正该值。"},
		Kept:    Text{"Nothing was read or written.", "没有读取或写入任何内容。"},
		Example: "E1003 pipelines/shop_customer.yaml:2:12: \"overlap\" wants a duration such as 10m; found text",
	},
	{
		Code: "E1004", Exit: ExitUsage,
		Message: Text{"the key \"{name}\" stands twice; it stood before at line {line}", "键“{name}”出现了两次；先前出现在第 {line} 行"},
		Cause:   Text{"One of the two values would be lost silently.", "两个值中会有一个被悄悄丢掉。"},
		Fix:     Text{"Keep one of them.", "请只保留其中一个。"},
		Kept:    Text{"Nothing was read or written.", "没有读取或写入任何内容。"},
		Example: "E1004 hub.yaml:9:1: the key \"store\" stands twice; it stood before at line 2",
	},
	{
		Code: "E1005", Exit: ExitUsage,
		Message: Text{"the file is not UTF-8 text{found}", "文件不是 UTF-8 文本{found}"},
		Cause:   Text{"YAML files are UTF-8. Old editors save in the code page of the system, such as GB18030.", "YAML 文件须为 UTF-8。旧式编辑器会按系统代码页（如 GB18030）保存。"},
		Fix:     Text{"Save the file as UTF-8.", "请将文件另存为 UTF-8。"},
		Kept:    Text{"Nothing was read or written.", "没有读取或写入任何内容。"},
		Example: "E1005 hub.yaml:3: the file is not UTF-8 text",
	},
	{
		Code: "E1006", Exit: ExitUsage,
		Message: Text{"\"{name}\" is not one of the words it takes: {words} (nearest: {nearest})", "“{name}”的值不在可用的词之中：{words}（最接近的是：{nearest}）"},
		Cause:   Text{"The key takes one of a few words only.", "此键只接受少数几个词。"},
		Fix:     Text{"Write one of them.", "请写其中之一。"},
		Kept:    Text{"Nothing was read or written.", "没有读取或写入任何内容。"},
		Example: "E1006 pipelines/shop_customer.yaml:2:9: \"mode\" is not one of the words it takes: full | incremental (nearest: incremental)",
	},
	{
		Code: "E1007", Exit: ExitUsage,
		Message: Text{"the key \"{name}\" is missing", "缺少键“{name}”"},
		Cause:   Text{"The file means nothing without it.", "没有它，此文件没有意义。"},
		Fix:     Text{"Add it.", "请补上它。"},
		Kept:    Text{"Nothing was read or written.", "没有读取或写入任何内容。"},
		Example: "E1007 pipelines/shop_customer.yaml:1:1: the key \"mapping\" is missing",
	},
	{
		Code: "E1008", Exit: ExitUsage,
		Message: Text{"a full-width colon or space stands where YAML needs a plain one", "此处使用了全角冒号或全角空格，而 YAML 需要半角字符"},
		Cause:   Text{"To YAML full-width punctuation is text, so the line is not read as a key and a value.", "全角标点在 YAML 中只是普通文字，因此这一行没有被读作键和值。"},
		Fix:     Text{"Type the colon, comma or space with the input method in half-width mode; a space follows the colon.", "请将输入法切换为半角，再输入冒号、逗号或空格；冒号后须有一个空格。"},
		Kept:    Text{"Nothing was read or written.", "没有读取或写入任何内容。"},
		Example: "E1008 hub.yaml:2:6: a full-width colon or space stands where YAML needs a plain one",
	},
}
