package fault

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"syscall"
)

// programFaults are the E9xxx codes: the program itself.
var programFaults = []Entry{
	{
		Code: "E9001", Exit: ExitFailed,
		Message: Text{"the program met a fault of its own at {where}", "程序在 {where} 处发生内部错误"},
		Cause:   Text{"A mistake in crmhub, not in your files.", "这是 crmhub 的缺陷，与您的文件无关。"},
		Fix:     Text{"run the command again; if it stays, report this line with crmhub version and what you did, without data", "请重新运行；若仍出现，请附上此行、crmhub version 的输出和操作步骤（不含数据）报告"},
		Kept:    Text{"what was committed stays; nothing is half written", "已提交的内容保留；没有写到一半的数据"},
		Example: "E9001 the program met a fault of its own at stream/run.go:118",
	},
	{
		Code: "E9002", Exit: ExitFailed,
		Message: Text{"an error came up that has no code yet: {what}", "出现尚无代码的错误：{what}"},
		Cause:   Text{"Something beneath the program failed in a way that it does not know. Its words are not shown, they might hold data.", "底层发生了程序不认识的错误。其原文可能含有数据，因此不显示。"},
		Fix:     Text{"run crmhub doctor; report this line if it finds nothing", "请运行 crmhub doctor；若未发现问题，请报告此行"},
		Kept:    Text{"what was committed stays; nothing is half written", "已提交的内容保留；没有写到一半的数据"},
		Example: "E9002 an error came up that has no code yet: read *fs.PathError: input/output error",
	},
	{
		Code: "E9003", Exit: ExitFailed,
		Message: Text{"the output cannot be written: {reason}", "无法写出结果：{reason}"},
		Cause:   Text{"The reader of the output went away, or the disk behind it is full.", "读取结果的程序已退出，或目标磁盘已满。"},
		Fix:     Text{"run the command again with room for its output", "请在空间充足时重新运行"},
		Kept:    Text{"the store is as the command's messages say", "存储的状态以命令的消息为准"},
		Example: "E9003 the output cannot be written: no space left on device",
	},
}

// Reason returns what the system said of a failed file or network operation
// ("no such file or directory", "connection refused"), without paths,
// addresses or data; "-" where the system said nothing of its own.
func Reason(err error) string {
	var no syscall.Errno
	var dns *net.DNSError
	switch {
	case errors.As(err, &no):
		return no.Error()
	case errors.As(err, &dns):
		return "host not found"
	case errors.Is(err, fs.ErrNotExist):
		return "no such file or directory"
	case errors.Is(err, fs.ErrExist):
		return "it exists already"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it ends too early"
	}
	return "-"
}
