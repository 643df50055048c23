package hub

import (
	"embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"crmhub/fault"
	"crmhub/governance/crypt"
	"crmhub/hub/config"
)

//go:embed skeleton
var skeleton embed.FS

// Init lays a new project into dir, which is made where it does not exist and
// must otherwise be empty (E1111): hub.yaml, a fresh key ring, empty folders
// for pipelines and mappings, and a .gitignore that keeps keys and data out of
// repositories. It returns the files that it made. What a failed Init made is
// removed again.
func Init(dir string, l fault.Lang, now time.Time) (files []string, err error) {
	entries, err := os.ReadDir(dir)
	made := errors.Is(err, fs.ErrNotExist)
	switch {
	case err != nil && !made:
		return nil, fault.New("E1104", dir, "reason", fault.Reason(err)).Because(err)
	case len(entries) > 0:
		return nil, fault.New("E1111", dir)
	}
	defer func() {
		if err == nil {
			return
		}
		for _, f := range []string{config.File, config.DefaultKeyring, ".gitignore", "pipelines", "mappings"} {
			err = errors.Join(err, ignoreMissing(os.RemoveAll(filepath.Join(dir, f))))
		}
		if made {
			err = errors.Join(err, ignoreMissing(os.Remove(dir)))
		}
	}()
	for _, d := range []string{dir, filepath.Join(dir, "pipelines"), filepath.Join(dir, "mappings")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return nil, fault.New("E1104", d, "reason", fault.Reason(err)).Because(err)
		}
	}
	for _, f := range []struct{ from, to string }{
		{[2]string{"hub.en.yaml", "hub.zh.yaml"}[l], config.File}, {"gitignore", ".gitignore"},
	} {
		data, err := skeleton.ReadFile("skeleton/" + f.from)
		if err != nil {
			return nil, err
		}
		path := filepath.Join(dir, f.to)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return nil, fault.New("E1104", path, "reason", fault.Reason(err)).Because(err)
		}
	}
	ring, err := crypt.NewRing(now)
	if err != nil {
		return nil, err
	}
	if err := ring.Write(filepath.Join(dir, config.DefaultKeyring)); err != nil {
		return nil, err
	}
	return []string{config.File, config.DefaultKeyring, "pipelines/", "mappings/", ".gitignore"}, nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
