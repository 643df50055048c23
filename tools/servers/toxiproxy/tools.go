//go:build tools

// Package toxiproxy pins the proxy through which tests break connections.
package toxiproxy

import (
	_ "github.com/Shopify/toxiproxy/v2/cmd/server"
)
