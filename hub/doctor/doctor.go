// Package doctor looks at a project from the outside in and names the cure of whatever is wrong.
package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"crmhub/fault"
	"crmhub/hub"
)

// State is how a check ended.
type State string

// The states of a check. Warn is worth a look and fails nothing.
const (
	OK   State = "ok"
	Warn State = "warn"
	Fail State = "fail"
)

// Finding is one check: what was looked at, what was found, what to do.
type Finding struct {
	Check string `json:"check"`
	State State  `json:"state"`
	Found string `json:"found"`
	Cure  string `json:"cure,omitempty"`
	// Fault is what failed, where the catalogue knows it.
	Fault *fault.Error `json:"-"`
	Code  fault.Code   `json:"code,omitempty"`
}

// The limits beyond which a finding is a warning.
const (
	leastSpace    = 1 << 30
	oldestBackup  = 7 * 24 * time.Hour
	connectWithin = 15 * time.Second
)

// examination is one visit.
type examination struct {
	o    hub.Options
	list []Finding
}

// Examine looks at the project in dir: its files, key ring, store, disk,
// lock, connections, pipelines, clock, runs, quarantine and backups. It writes
// nothing. What depends on something that failed is left out.
func Examine(ctx context.Context, dir string, o hub.Options) []Finding {
	x := &examination{o: o}
	h, err := hub.Open(dir, o)
	if !x.judge(fault.Text{"hub.yaml", "hub.yaml"}, err, fault.Text{"valid", "有效"}) {
		return x.list
	}
	defer func() {
		if err := h.Close(); err != nil {
			x.failed(fault.Text{"store closed", "关闭存储"}, err)
		}
	}()
	for _, w := range h.Config().Warnings() {
		x.warned(fault.Text{"secrets", "机密"}, w)
	}
	x.files(h)
	x.space(h)
	x.connections(ctx, h)
	print, err := h.Fingerprint()
	if !x.judge(fault.Text{"key ring", "密钥环"}, err, fault.Text{"present, readable by its owner alone, " + print, "存在，仅所有者可读，" + print}) {
		return x.list
	}
	if h.NewStore() {
		x.add(fault.Text{"store", "存储"}, OK, fault.Text{"not made yet; the first run makes it", "尚未建立；首次运行时建立"}, fault.Text{})
		return x.list
	}
	s, err := h.Status(ctx)
	if !x.judge(fault.Text{"store", "存储"}, err, fault.Text{"opens with this key ring, of this program's version", "可用此密钥环打开，版本与程序相符"}) {
		return x.list
	}
	x.judge(fault.Text{"store integrity", "存储完整性"}, s.Damage, fault.Text{"whole", "完整"})
	x.status(s)
	x.model(ctx, h)
	x.backups(ctx, h)
	return x.list
}

// model says whether the store has outgrown its match model.
func (x *examination) model(ctx context.Context, h *hub.Hub) {
	check := fault.Text{"match model", "匹配模型"}
	bits, far, err := h.Outgrown(ctx)
	switch {
	case err != nil:
		x.failed(check, err)
	case far:
		x.add(check, Warn, fault.Text{
			fmt.Sprintf("the store has outgrown it: with so many records the odds of two are %.1f bits lower than it counts on", bits),
			fmt.Sprintf("存储已超出模型的规模：记录如此之多，任意两条匹配的几率比模型假定的低 %.1f 比特", bits),
		}, fault.Text{"look at what a new one would change, then take it: crmhub match train, crmhub match train --take", "先查看新模型会带来的变化，再采用：crmhub match train，crmhub match train --take"})
	default:
		x.add(check, OK, fault.Text{"of the store's size", "与存储规模相符"}, fault.Text{})
	}
}

func (x *examination) add(check fault.Text, s State, found, cure fault.Text) {
	x.list = append(x.list, Finding{Check: check[x.o.Lang], State: s, Found: found[x.o.Lang], Cure: cure[x.o.Lang]})
}

// judge adds a check that holds where err is nil.
func (x *examination) judge(check fault.Text, err error, fine fault.Text) bool {
	if err != nil {
		x.failed(check, err)
		return false
	}
	x.add(check, OK, fine, fault.Text{})
	return true
}

func (x *examination) failed(check fault.Text, err error) {
	for _, f := range hub.Faults(err) {
		x.list = append(x.list, x.finding(check, Fail, f))
	}
}

func (x *examination) warned(check fault.Text, f *fault.Error) {
	x.list = append(x.list, x.finding(check, Warn, f))
}

func (x *examination) finding(check fault.Text, s State, f *fault.Error) Finding {
	found := f.Message(x.o.Lang)
	if f.Place != "" {
		found = f.Place + ": " + found
	}
	return Finding{Check: check[x.o.Lang], State: s, Found: found, Cure: f.Fix(x.o.Lang), Fault: f, Code: f.Code}
}

// files parses everything that the user writes.
func (x *examination) files(h *hub.Hub) {
	n, err := h.Files()
	x.judge(fault.Text{"pipelines, mappings, schemas, model", "管道、映射、模式、模型"}, err,
		fault.Text{"valid, " + fault.Count(int64(n), "pipeline"), fmt.Sprintf("有效，%d 个管道", n)})
}

// space looks at the disk under the project.
func (x *examination) space(h *hub.Hub) {
	check := fault.Text{"disk space", "磁盘空间"}
	free, err := freeBytes(h.Config().Dir)
	switch {
	case err != nil:
		x.failed(check, fault.New("E1103", h.Config().Dir, "reason", fault.Reason(err)).Because(err))
	case free < leastSpace:
		x.add(check, Warn, fault.Text{mebibytes(free) + " free", "剩余 " + mebibytes(free)},
			fault.Text{"make room: a store grows while it resolves, and a full disk stops runs", "请腾出空间：存储在解析时会增长，磁盘写满会使运行停止"})
	default:
		x.add(check, OK, fault.Text{mebibytes(free) + " free", "剩余 " + mebibytes(free)}, fault.Text{})
	}
}

func mebibytes(n uint64) string { return fmt.Sprintf("%d MiB", n>>20) }

func (x *examination) connections(ctx context.Context, h *hub.Hub) {
	for _, name := range h.Config().Connections() {
		one, cancel := context.WithTimeout(ctx, connectWithin)
		err := h.Reach(one, name)
		cancel()
		x.judge(fault.Text{"connection " + name, "连接 " + name}, err, fault.Text{"reachable", "可连接"})
	}
}

func (x *examination) status(s hub.Status) {
	if s.Holder != nil {
		x.warned(fault.Text{"lock", "锁"}, s.Holder)
	} else {
		x.add(fault.Text{"lock", "锁"}, OK, fault.Text{"free", "空闲"}, fault.Text{})
	}
	if behind := s.LastRun.Sub(x.o.Now()); behind > 0 {
		x.warned(fault.Text{"clock", "时钟"}, fault.New("W1401", "", "behind", behind.Round(time.Second)))
	} else {
		x.add(fault.Text{"clock", "时钟"}, OK, fault.Text{"after the last run", "晚于上次运行"}, fault.Text{})
	}
	x.count(fault.Text{"unfinished runs", "未完成的运行"}, int64(len(s.Unfinished)),
		fault.Text{"run the pipelines again: they go on where they stopped", "再次运行相应管道，会从停止处继续"})
	x.count(fault.Text{"rows in quarantine", "隔离区中的行"}, s.Quarantined,
		fault.Text{"crmhub quarantine list says which and why", "crmhub quarantine list 显示是哪些行及原因"})
	x.count(fault.Text{"records waiting to be resolved", "待解析的记录"}, s.Dirty,
		fault.Text{"the next crmhub run resolves them first", "下一次 crmhub run 会先解析它们"})
}

func (x *examination) count(check fault.Text, n int64, cure fault.Text) {
	if n == 0 {
		x.add(check, OK, fault.Text{"none", "无"}, fault.Text{})
		return
	}
	x.add(check, Warn, fault.Text{fmt.Sprint(n), fmt.Sprint(n)}, cure)
}

func (x *examination) backups(ctx context.Context, h *hub.Hub) {
	check := fault.Text{"last backup", "上次备份"}
	cure := fault.Text{"crmhub backup create", "crmhub backup create"}
	if !h.Config().HasBackup() {
		x.add(check, Warn, fault.Text{"hub.yaml names no backup target", "hub.yaml 未指定备份位置"},
			fault.Text{"add backup: {url: …} to hub.yaml, then crmhub backup create", "在 hub.yaml 中添加 backup: {url: …}，然后执行 crmhub backup create"})
		return
	}
	last, err := h.LastBackup(ctx)
	switch age := x.o.Now().Sub(last); {
	case err != nil:
		x.failed(check, err)
	case last.IsZero():
		x.add(check, Warn, fault.Text{"none", "无"}, cure)
	case age > oldestBackup:
		days := int(age / (24 * time.Hour))
		x.add(check, Warn, fault.Text{fault.Count(int64(days), "day") + " ago", fmt.Sprintf("%d 天前", days)}, cure)
	default:
		x.add(check, OK, fault.Text{last.Local().Format("2006-01-02 15:04"), last.Local().Format("2006-01-02 15:04")}, fault.Text{})
	}
}

// existing returns dir or its nearest parent that exists.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}
