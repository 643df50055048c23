//go:build tools

// Package stripe pins Stripe's own mock, in a module of its own so that its update rebuilds nothing else.
package stripe

import (
	_ "github.com/stripe/stripe-mock"
)
