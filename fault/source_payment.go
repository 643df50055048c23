package fault

// paymentFaults are the E238x codes: statements of payment providers.
var paymentFaults = []Entry{
	{
		Code: "E2381", Exit: ExitPermission,
		Message: Text{"the signature of {address} does not hold", "{address} 的签名验证不通过"},
		Cause:   Text{"The public key in hub.yaml is not the provider's (often it is the account's own), or somebody stands in between.", "hub.yaml 中的公钥不是服务商的公钥（常误填为自己的公钥），或中间有人篡改。"},
		Fix:     Text{"Copy the provider's public key from its console again: Alipay shows it beside the application's own, WeChat Pay under API security.", "请从服务商控制台重新复制其公钥：支付宝显示在应用公钥旁边，微信支付在“API 安全”中。"},
		Kept:    Text{"Nothing was written, and the position did not move.", "没有写入任何内容，读取位置也未移动。"},
		Example: "E2381 alipay/trade: the signature of openapi.alipay.com does not hold",
	},
	{
		Code: "E2382", Exit: ExitUsage,
		Message: Text{"the parameter \"{name}\" is no RSA key", "参数“{name}”不是 RSA 密钥"},
		Cause:   Text{"Keys are PEM files (PKCS#1 or PKCS#8), or the bare base64 that the provider's tool writes.", "密钥应为 PEM 文件（PKCS#1 或 PKCS#8），或服务商工具生成的纯 base64 文本。"},
		Fix:     Text{"Give the file as ${file:PATH}: the application's private key, or the provider's public key or certificate.", "请以 ${file：路径} 提供文件：应用私钥，或服务商的公钥或证书。"},
		Kept:    Text{"Nothing was read or written.", "没有读取或写入任何内容。"},
		Example: "E2382 alipay: the parameter \"private_key\" is no RSA key",
	},
	{
		Code: "E2383", Exit: ExitTemporary,
		Message: Text{"the statement is not the one that was announced: its hash differs", "账单与所公布的不一致：哈希不同"},
		Cause:   Text{"The download was cut or changed on the way.", "下载被截断或在途中被改动。"},
		Fix:     Text{"Run the same command again; if it happens again, look for a proxy that changes files.", "重新执行同一命令；若再次发生，请检查是否有代理改动了文件。"},
		Kept:    Text{"What landed before stays, and the position stands before this day.", "此前已落地的内容保留，读取位置停在这一天之前。"},
		Example: "E2383 wechat/trade 2026-03-01: the statement is not the one that was announced: its hash differs",
	},
	{
		Code: "E2384", Exit: ExitFailed,
		Message: Text{"the statement can't be taken: {what}", "无法采用该账单：{what_zh}"},
		Cause:   Text{"A statement is taken whole or not at all: its own sums must agree with its rows.", "账单要么整份采用，要么不采用：其汇总必须与明细一致。"},
		Fix:     Text{"Run again; if the statement is the same, download it by hand from the provider's console and compare.", "请重新运行；若账单依旧，请从服务商控制台手工下载并核对。"},
		Kept:    Text{"Rows of this day that landed before stay; the position stands before the fault.", "这一天此前已落地的行保留；读取位置停在故障之前。"},
		Example: "E2384 wechat/trade 2026-03-01: the statement can't be taken: it ends before its sums",
	},
	{
		Code: "E2385", Exit: ExitUsage,
		Message: Text{"the day {day} is too long ago: statements are kept from {oldest} on", "日期 {day} 过早：账单只保留自 {oldest} 起"},
		Cause:   Text{"The provider keeps statements for a time only; days between would be missing without a trace.", "服务商只在一定时间内保留账单；中间的日期会无声缺失。"},
		Fix:     Text{"Load the older statements as files (connector file), set since to a later day, and run with --full-refresh.", "请将更早的账单作为文件导入（file 连接器），把 since 设为更晚的日期，并以 --full-refresh 运行。"},
		Kept:    Text{"Nothing was written, and the position did not move.", "没有写入任何内容，读取位置也未移动。"},
		Example: "E2385 wechat/trade: the day 2025-01-01 is too long ago: statements are kept from 2025-12-01 on",
	},
}
