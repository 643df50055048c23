package main

import (
	"bufio"
	"fmt"
	"strings"
)

// prompt asks a question that wants y or n; anything but a yes is a no.
func (a *app) prompt(question string) bool {
	fmt.Fprint(a.err, question+" [y/N] ")
	line, err := bufio.NewReader(a.in).ReadString('\n')
	if err != nil && line == "" {
		return false
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes", "是", "好":
		return true
	}
	return false
}
