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
// addresses or data; "-" where the system said nothing of its own. Both halves
// are in English where no one has put the system's words into Chinese.
func Reason(err error) Text {
	var no syscall.Errno
	var dns *net.DNSError
	switch {
	case errors.As(err, &no):
		if zh, ok := systemSays[no]; ok {
			return Text{no.Error(), zh}
		}
		return Text{no.Error(), no.Error()}
	case errors.As(err, &dns):
		return Text{"host not found", "找不到主机"}
	case errors.Is(err, fs.ErrNotExist):
		return Text{"no such file or directory", "没有这个文件或文件夹"}
	case errors.Is(err, fs.ErrExist):
		return Text{"it exists already", "已经存在"}
	case errors.Is(err, fs.ErrPermission):
		return Text{"permission denied", "没有权限"}
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return Text{"no answer in time", "未及时应答"}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return Text{"it ends too early", "提前结束"}
	}
	return Text{"-", "-"}
}

// systemSays are the system's words for what goes wrong with files and
// connections, in Chinese.
var systemSays = map[syscall.Errno]string{
	syscall.ENOENT: "没有这个文件或文件夹", syscall.EACCES: "没有权限", syscall.EPERM: "不允许此操作", syscall.EEXIST: "已经存在",
	syscall.EISDIR: "这是文件夹", syscall.ENOTDIR: "不是文件夹", syscall.ENOTEMPTY: "文件夹不为空", syscall.EINVAL: "参数无效",
	syscall.ENOSPC: "磁盘空间不足", syscall.EROFS: "文件系统只读", syscall.EMFILE: "打开的文件过多", syscall.EIO: "输入输出错误",
	syscall.EPIPE: "管道已断开", syscall.ENAMETOOLONG: "名称过长", syscall.ENOMEM: "内存不足", syscall.EBUSY: "设备或资源正忙",
	syscall.ECONNREFUSED: "连接被拒绝", syscall.ECONNRESET: "连接被对方重置", syscall.ETIMEDOUT: "连接超时",
	syscall.EHOSTUNREACH: "无法到达主机", syscall.ENETUNREACH: "无法到达网络", syscall.EADDRINUSE: "地址已被占用",
}
