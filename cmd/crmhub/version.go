package main

import (
	"context"
	"fmt"
	"io"
	"runtime"

	"github.com/spf13/cobra"

	"crmhub/fault"
)

func (a *app) versionVerb() *cobra.Command {
	return a.build(verb{
		use:   "version",
		short: fault.Text{"which version this is", "显示版本"},
		examples: []example{
			{"crmhub version", fault.Text{"version, Go, platform", "版本、Go 版本、平台"}},
			{"crmhub version -o json", fault.Text{"the same for scripts", "供脚本使用"}},
			{"crmhub version --lang zh", fault.Text{"in Chinese", "以中文显示"}},
		},
		run: func(context.Context, []string) error {
			v := struct {
				Version  string `json:"version"`
				Go       string `json:"go"`
				Platform string `json:"platform"`
			}{version, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
			return a.print(v, func(w io.Writer) {
				fmt.Fprintf(w, "crmhub %s  %s  %s\n", v.Version, v.Go, v.Platform)
			})
		},
	})
}
