package fault

// keyFaults are the E7xxx codes: the key ring and sealing.
var keyFaults = []Entry{
	{
		Code: "E7001", Exit: ExitKey,
		Message: Text{"the key ring is missing", "找不到密钥环"},
		Cause:   Text{"Personal data in the store is sealed under keys that this file opens; without it nothing can be read.", "存储中的个人数据由此文件中的密钥保护；没有它，任何内容都无法读取。"},
		Fix:     Text{"Put back the key ring that belongs to this store (from your escrow copy), or correct keyring.file in hub.yaml. For a new project `crmhub init` makes one.", "请放回与此存储配套的密钥环（取自备份副本），或改正 hub.yaml 中的 keyring.file。新项目可用 `crmhub init` 生成。"},
		Kept:    Text{"Nothing was read or written.", "没有读取或写入任何内容。"},
		Example: "E7001 keyring.json: the key ring is missing",
	},
	{
		Code: "E7002", Exit: ExitKey,
		Message: Text{"people other than its owner have rights on the key ring ({mode})", "所有者以外的人对密钥环拥有权限（{mode}）"},
		Cause:   Text{"Whoever can read the key ring can open everything that is sealed under it.", "能读取密钥环的人就能打开用它保护的一切内容。"},
		Fix:     Text{"chmod 600 the file; if others may have read it, rotate the keys.", "请对该文件执行 chmod 600；如果他人可能已经读取过，请轮换密钥。"},
		Kept:    Text{"Nothing was read or written.", "没有读取或写入任何内容。"},
		Example: "E7002 keyring.json: people other than its owner have rights on the key ring (-rw-r--r--)",
	},
	{
		Code: "E7003", Exit: ExitKey,
		Message: Text{"the key ring is malformed: {reason}", "密钥环格式错误：{reason}"},
		Cause:   Text{"The file is not a key ring of this program, was damaged or edited, or a newer version wrote it.", "该文件不是本程序的密钥环，或已损坏、被改动，或由更新的版本写成。"},
		Fix:     Text{"Put back an unchanged copy of the key ring.", "请放回一份未经改动的密钥环副本。"},
		Kept:    Text{"Nothing was read or written.", "没有读取或写入任何内容。"},
		Example: "E7003 keyring.json: the key ring is malformed: no primary key",
	},
	{
		Code: "E7004", Exit: ExitKey,
		Message: Text{"no key of the key ring opens this (it names key {key})", "密钥环中没有能打开它的密钥（其标明的密钥为 {key}）"},
		Cause:   Text{"It was sealed under another key ring, or under a key that this ring no longer has.", "它由另一个密钥环密封，或其密钥已不在此密钥环中。"},
		Fix:     Text{"Use the key ring that the store or backup was made with.", "请使用创建该存储或备份时的密钥环。"},
		Kept:    Text{"Nothing was changed.", "没有更改任何内容。"},
		Example: "E7004 keyring.json: no key of the key ring opens this (it names key 1f0c22aa)",
	},
	{
		Code: "E7005", Exit: ExitFailed,
		Message: Text{"sealed data does not authenticate", "密封数据未通过验证"},
		Cause:   Text{"It was damaged, cut short, changed, or moved here from another place.", "数据已损坏、被截断、被改动，或是从别处移来的。"},
		Fix:     Text{"Restore it from a backup; check the disk, and who can write to the store.", "请从备份恢复；并检查磁盘以及谁能写入该存储。"},
		Kept:    Text{"Nothing was changed, and none of the data was used.", "没有更改任何内容，也没有使用这些数据。"},
		Example: "E7005 sealed data does not authenticate",
	},
	{
		Code: "E7006", Exit: ExitKey,
		Message: Text{"the key {key} has sealed as much as is safe", "密钥 {key} 的使用次数已达安全上限"},
		Cause:   Text{"Past 2^31 seals under one key a random nonce might repeat, which would give the contents away.", "同一密钥密封超过 2^31 次后，随机数可能重复，从而泄露内容。"},
		Fix:     Text{"Rotate the key ring: crmhub pii rotate.", "请轮换密钥环：crmhub pii rotate。"},
		Kept:    Text{"Nothing was written.", "没有写入任何内容。"},
		Example: "E7006 keyring.json: the key 1f0c22aa has sealed as much as is safe",
	},
	{
		Code: "E7007", Exit: ExitKey,
		Message: Text{"a key ring stands here already", "此处已有密钥环"},
		Cause:   Text{"Overwriting a key ring would make everything sealed under it unreadable for ever.", "覆盖密钥环会使用它密封的一切内容永远无法读取。"},
		Fix:     Text{"Keep the one that is there, or choose another file.", "请保留现有的密钥环，或选择另一个文件。"},
		Kept:    Text{"The key ring was not touched.", "密钥环没有改动。"},
		Example: "E7007 keyring.json: a key ring stands here already",
	},
	{
		Code: "E7008", Exit: ExitKey,
		Message: Text{"the key ring cannot be reached: {reason}", "无法访问密钥环：{reason}"},
		Cause:   Text{"The operating system refused to read or write the file.", "操作系统拒绝读取或写入该文件。"},
		Fix:     Text{"Check the file's owner and rights, its folder and the disk.", "请检查该文件的所有者与权限、所在文件夹以及磁盘。"},
		Kept:    Text{"Nothing was changed.", "没有更改任何内容。"},
		Example: "E7008 keyring.json: the key ring cannot be reached: permission denied",
	},
}
