package fault

// sourceFaults are the E2xxx codes: connections and sources.
var sourceFaults = []Entry{
	{
		Code: "E2001", Exit: ExitUsage,
		Message: Text{"connector {connector} has no parameter \"{name}\" (nearest: {nearest})", "连接器 {connector} 没有参数“{name}”（最接近的是：{nearest}）"},
		Cause:   Text{"A parameter that nobody reads would be ignored silently, so it is refused.", "没有任何部分读取的参数会被悄悄忽略，因此被拒绝。"},
		Fix:     Text{"Correct the name, or remove it. `crmhub connector show NAME` lists a connector's parameters.", "改正名称或删除该参数。`crmhub connector show 名称` 会列出连接器的参数。"},
		Kept:    Text{"Nothing was read or written.", "没有读取或写入任何内容。"},
		Example: "E2001 hub.yaml:5: connector file has no parameter \"encodng\" (nearest: encoding)",
	},
	{
		Code: "E2002", Exit: ExitUsage,
		Message: Text{"connector {connector} needs the parameter \"{name}\"", "连接器 {connector} 需要参数“{name}”"},
		Cause:   Text{"The connection cannot work without it.", "缺少该参数，连接无法工作。"},
		Fix:     Text{"Add it to the connection in hub.yaml.", "请在 hub.yaml 的该连接中补上它。"},
		Kept:    Text{"Nothing was read or written.", "没有读取或写入任何内容。"},
		Example: "E2002 hub.yaml:5: connector file needs the parameter \"path\"",
	},
	{
		Code: "E2003", Exit: ExitUsage,
		Message: Text{"parameter \"{name}\" of connector {connector} has a wrong value; want {want}", "连接器 {connector} 的参数“{name}”取值不对；应为 {want}"},
		Cause:   Text{"The value is of another type than the parameter, or not one of the words allowed.", "该值的类型与参数不符，或不在允许的取值之中。"},
		Fix:     Text{"Correct the value in hub.yaml.", "请在 hub.yaml 中改正该值。"},
		Kept:    Text{"Nothing was read or written.", "没有读取或写入任何内容。"},
		Example: "E2003 hub.yaml:5: parameter \"header_row\" of connector file has a wrong value; want int",
	},
}
