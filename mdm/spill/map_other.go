//go:build !linux

package spill

import (
	"errors"
	"os"
)

func supported(string) error { return errors.ErrUnsupported }

func mapFile(*os.File, int) ([]byte, error) { return nil, errors.ErrUnsupported }

func unmap([]byte) error { return errors.ErrUnsupported }

func evict([]byte) error { return errors.ErrUnsupported }

func freeBytes(string) (int64, error) { return 0, errors.ErrUnsupported }

func resident() (int64, error) { return 0, errors.ErrUnsupported }
