package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"crmhub/fault"
	"crmhub/hub"
)

func (a *app) backup() *cobra.Command {
	return a.build(verb{
		use:   "backup",
		short: fault.Text{"snapshots of the store: create, list, verify, restore, clean", "存储快照：创建、列出、校验、恢复、清理"},
		examples: []example{
			{"crmhub backup create", fault.Text{"to the target that hub.yaml names", "写入 hub.yaml 指定的位置"}},
			{"crmhub backup verify", fault.Text{"opens every chunk of the latest", "打开最新快照的每个数据块"}},
			{"crmhub -C rehearsal backup restore --from backups --keyring crm/keyring.json", fault.Text{"into an empty store", "恢复到空存储"}},
		},
		sub: []*cobra.Command{a.backupCreate(), a.backupList(), a.backupVerify(), a.backupRestore(), a.backupClean()},
	})
}

// backupJSON is a snapshot in JSON.
type backupJSON struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Version string    `json:"version,omitempty"`
	Rows    int64     `json:"rows"`
	Bytes   int64     `json:"bytes"`
	Digest  string    `json:"digest,omitempty"`
	Kind    string    `json:"store,omitempty"`
}

func backupObject(b hub.BackupView) backupJSON {
	return backupJSON{ID: b.ID, At: b.At.UTC(), Version: b.Version, Rows: b.Rows, Bytes: b.Bytes, Digest: b.Digest, Kind: b.Kind}
}

func mib(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

func (a *app) from(f *pflag.FlagSet, name string, into *string) {
	f.StringVar(into, name, "", a.t("`s3://BUCKET/PREFIX` or a folder, in place of hub.yaml's target", "`s3://存储桶/前缀` 或文件夹，代替 hub.yaml 中的位置"))
}

func (a *app) backupCreate() *cobra.Command {
	var to string
	return a.build(verb{
		use:   "create",
		short: fault.Text{"take a snapshot; a run may go on meanwhile", "创建快照；期间可继续运行"},
		examples: []example{
			{"crmhub backup create", fault.Text{"to hub.yaml's target", "写入 hub.yaml 指定的位置"}},
			{"crmhub backup create --to backups", fault.Text{"to a folder", "写入文件夹"}},
			{"crmhub backup create -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		flags: func(f *pflag.FlagSet) { a.from(f, "to", &to) },
		run: func(ctx context.Context, _ []string) error {
			return a.with(func(h *hub.Hub) error {
				b, err := h.BackupCreate(ctx, to)
				if err != nil {
					return err
				}
				return a.print(backupObject(b), func(w io.Writer) {
					fmt.Fprintf(w, a.t("%s %s  %s, %s\n", "%s %s  %s 行，%s\n"), a.ok(a.outTTY), b.ID, a.many(b.Rows, "row"), mib(b.Bytes))
				})
			})
		},
	})
}

func (a *app) backupList() *cobra.Command {
	var from string
	return a.build(verb{
		use:   "list",
		short: fault.Text{"list the snapshots, the latest first", "列出快照，最近的在前"},
		examples: []example{
			{"crmhub backup list", fault.Text{"of hub.yaml's target", "hub.yaml 指定位置中的快照"}},
			{"crmhub backup list --from backups", fault.Text{"of a folder", "某个文件夹中的快照"}},
			{"crmhub backup list -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		flags: func(f *pflag.FlagSet) { a.from(f, "from", &from) },
		run: func(ctx context.Context, _ []string) error {
			return a.with(func(h *hub.Hub) error {
				list, err := h.Backups(ctx, from)
				if err != nil {
					return err
				}
				out := []backupJSON{}
				t := table{head: []string{"id", a.t("taken", "时间"), a.t("rows", "行数"), a.t("size", "大小")}, right: map[int]bool{2: true, 3: true}}
				for _, b := range list {
					out = append(out, backupObject(b))
					t.add(b.ID, moment(b.At), a.many(b.Rows, "row"), mib(b.Bytes))
				}
				t.none = fault.Text{"no backup is there; crmhub backup create takes one", "还没有备份；crmhub backup create 可创建一个"}
				return a.print(out, func(w io.Writer) { a.table(w, &t) })
			})
		},
	})
}

func (a *app) backupVerify() *cobra.Command {
	var from, ring string
	return a.build(verb{
		use:   "verify [ID]",
		short: fault.Text{"open every chunk of a snapshot and compare digests", "打开快照的每个数据块并比较摘要"},
		examples: []example{
			{"crmhub backup verify", fault.Text{"the latest", "最新的快照"}},
			{"crmhub backup verify --from backups", fault.Text{"the latest of a folder", "某个文件夹中最新的快照"}},
			{"crmhub backup verify -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		max: 1,
		flags: func(f *pflag.FlagSet) {
			a.from(f, "from", &from)
			f.StringVar(&ring, "keyring", "", a.t("the `FILE` of the key ring that it was made under", "创建快照时所用密钥环的文件 `FILE`"))
		},
		run: func(ctx context.Context, args []string) error {
			return a.with(func(h *hub.Hub) error {
				b, err := h.BackupVerify(ctx, from, first(args), ring)
				if err != nil {
					return err
				}
				return a.print(map[string]any{"ok": true, "backup": backupObject(b)}, func(w io.Writer) {
					fmt.Fprintf(w, a.t("%s %s  %s opened, digest %s\n", "%s %s  已打开 %s 行，摘要 %s\n"), a.ok(a.outTTY), b.ID, a.many(b.Rows, "row"), b.Digest)
				})
			})
		},
	})
}

func (a *app) backupRestore() *cobra.Command {
	var from, ring string
	return a.build(verb{
		use:   "restore [ID]",
		short: fault.Text{"restore a snapshot into this project's empty store", "将快照恢复到本项目的空存储"},
		long: fault.Text{
			"Restores a snapshot into the store of this project, of either kind, which must be empty. --keyring names the key\nring that the snapshot was made under, where it is another; the keys are wrapped anew under this project's ring.",
			"将快照恢复到本项目的存储（类型不限），该存储必须为空。若快照是用另一个密钥环创建的，用 --keyring 指定；\n密钥会改由本项目的密钥环重新封装。",
		},
		examples: []example{
			{"crmhub -C rehearsal backup restore --from backups --keyring crm/keyring.json", fault.Text{"a rehearsal", "演练"}},
			{"crmhub backup restore", fault.Text{"the latest of hub.yaml's target", "hub.yaml 指定位置中最新的快照"}},
			{"crmhub backup restore --from s3://bucket/crm", fault.Text{"from a bucket", "从存储桶恢复"}},
		},
		max: 1,
		flags: func(f *pflag.FlagSet) {
			a.from(f, "from", &from)
			f.StringVar(&ring, "keyring", "", a.t("the `FILE` of the key ring that it was made under", "创建快照时所用密钥环的文件 `FILE`"))
		},
		run: func(ctx context.Context, args []string) error {
			return a.with(func(h *hub.Hub) error {
				b, err := h.BackupRestore(ctx, from, first(args), ring)
				if err != nil {
					return err
				}
				return a.print(backupObject(b), func(w io.Writer) {
					fmt.Fprintf(w, a.t("%s restored %s  %s, digest %s\n", "%s 已恢复 %s  %s 行，摘要 %s\n"), a.ok(a.outTTY), b.ID, a.many(b.Rows, "row"), b.Digest)
				})
			})
		},
	})
}

func (a *app) backupClean() *cobra.Command {
	var from string
	var age time.Duration
	return a.build(verb{
		use:   "clean",
		short: fault.Text{"remove what unfinished backups left behind", "删除未完成备份的残留对象"},
		long: fault.Text{
			"Removes the objects of backups that were broken off before their manifest was written. Whole snapshots stay. A backup\nthat still runs has young objects: --older must be longer than a backup takes.",
			"删除在写入清单之前中断的备份所留下的对象，完整的快照不受影响。正在进行的备份有较新的对象：\n--older 必须长于一次备份所需的时间。",
		},
		examples: []example{
			{"crmhub backup clean", fault.Text{"older than a day, in hub.yaml's target", "清理 hub.yaml 指定位置中一天以前的残留"}},
			{"crmhub backup clean --from backups --older 1h", fault.Text{"in a folder", "清理某个文件夹"}},
			{"crmhub backup clean -o json", fault.Text{"for scripts", "供脚本使用"}},
		},
		flags: func(f *pflag.FlagSet) {
			a.from(f, "from", &from)
			f.DurationVar(&age, "older", 24*time.Hour, a.t("whose youngest object is at least that old", "最新对象至少有这么久"))
		},
		run: func(ctx context.Context, _ []string) error {
			return a.with(func(h *hub.Hub) error {
				n, err := h.BackupClean(ctx, from, age)
				if err != nil {
					return err
				}
				return a.print(map[string]int{"removed": n}, func(w io.Writer) {
					fmt.Fprintf(w, a.t("%s removed what %s left\n", "%s 已清理 %s 个未完成备份的残留\n"), a.ok(a.outTTY), a.many(int64(n), "unfinished backup"))
				})
			})
		},
	})
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
