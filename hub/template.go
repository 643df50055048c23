package hub

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"crmhub/fault"
	"crmhub/pipelines"
)

// TemplateView is one pipeline that comes with the program.
type TemplateView struct {
	PipelineView
	// Title says what it reads.
	Title string `json:"title"`
	// TitleZh says it in Chinese.
	TitleZh string `json:"title_zh"`
}

// ShippedPipelines lists the pipelines that come with the program, by name.
func ShippedPipelines() ([]TemplateView, error) {
	all, err := pipelines.Templates()
	if err != nil {
		return nil, err
	}
	list := make([]TemplateView, len(all))
	for i, t := range all {
		v := view(t.Pipeline)
		v.File, v.Text = "", t.Text("")
		list[i] = TemplateView{v, t.Title[fault.English], t.Title[fault.Chinese]}
	}
	return list, nil
}

// ofSystem returns the names that begin with the system that name begins with
// (vtiger of vtiger_deal), or all where there are none.
func ofSystem(name string, known []string) []string {
	system, _, _ := strings.Cut(pipelineName(name), "_")
	var out []string
	for _, k := range known {
		if strings.HasPrefix(k, system+"_") {
			out = append(out, k)
		}
	}
	if len(out) == 0 {
		return known
	}
	return out
}

// AddPipelines writes shipped pipelines into the project, for a connection of
// hub.yaml; "" leaves the name that each has. It returns the files that it
// made. None is written where one of the names is not known (E1116), the
// connection is not there (E1105) or a file exists already (E1117).
func (h *Hub) AddPipelines(names []string, connection string) ([]string, error) {
	all, err := pipelines.Templates()
	if err != nil {
		return nil, err
	}
	if connection != "" {
		if _, err := h.config.Connection("", connection); err != nil {
			return nil, err
		}
	}
	known := make([]string, len(all))
	for i, t := range all {
		known[i] = t.Pipeline.Name
	}
	dir := filepath.Join(h.config.Dir, "pipelines")
	texts, files := make([]string, len(names)), make([]string, len(names))
	for i, name := range names {
		k := slices.Index(known, pipelineName(name))
		if k < 0 {
			return nil, fault.New("E1116", "", "name", name, "nearest", fault.Nearest(name, known), "known", strings.Join(ofSystem(name, known), ", "))
		}
		texts[i], files[i] = all[k].Text(connection), filepath.Join(dir, known[k]+".yaml")
		if _, err := os.Lstat(files[i]); err == nil {
			return nil, fault.New("E1117", files[i])
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fault.New("E1104", dir, "reason", fault.Reason(err)).Because(err)
	}
	for i, file := range files {
		if err := writeNew(file, texts[i]); err != nil {
			return files[:i], err
		}
	}
	h.pipes = nil
	return files, nil
}

// writeNew writes a file that must not exist.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fault.New("E1117", path)
	}
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return fault.New("E1104", path, "reason", fault.Reason(err)).Because(err)
	}
	return nil
}
