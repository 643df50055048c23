//go:build tools

// Package servers pins the servers that tests start, away from the program's own dependencies.
package servers

import (
	_ "github.com/versity/versitygw/cmd/versitygw"
)
