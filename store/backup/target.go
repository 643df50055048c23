package backup

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"time"

	"crmhub/fault"
)

// Target is where snapshots are kept: a folder or a bucket. Names are paths
// with slashes, below the target's own folder or prefix. Methods return faults
// of the E8xxx family, or ErrNotFound. A Target is safe for concurrent use.
type Target interface {
	// Put writes an object, whole or not at all, where there is none of that
	// name (E8013). sum is its SHA-256, which a target that can checks.
	Put(ctx context.Context, name string, body []byte, sum [32]byte) error
	// Get opens an object.
	Get(ctx context.Context, name string) (io.ReadCloser, error)
	// Stat returns what the target knows of an object.
	Stat(ctx context.Context, name string) (Object, error)
	// List hands every object to f, in no order, leftovers of broken uploads included.
	List(ctx context.Context, f func(Object) error) error
	// Remove removes an object; one that is not there is no error.
	Remove(ctx context.Context, name string) error
	// String names the target for people, without secrets.
	String() string
}

// Object is what a target knows of one object.
type Object struct {
	Name     string
	Size     int64
	SHA256   []byte // nil where the target does not keep it
	Modified time.Time
}

// ErrNotFound is returned for an object that is not there.
var ErrNotFound = errors.New("no such object")

// TargetConfig says where backups go.
type TargetConfig struct {
	// URL is s3://BUCKET/PREFIX, file:PATH, or the path of a folder.
	URL string
	// Dir is the folder that a relative path begins in.
	Dir string
	// Endpoint is the address of an S3-compatible server, https://s3.amazonaws.com
	// where it is empty; http:// sends without TLS.
	Endpoint             string
	Region               string // us-east-1 where it is empty
	AccessKey, SecretKey string
	// Tries is how often a request is sent that fails for a while; 5 where it is 0.
	Tries int
	// Stall is how long a connection may stand still before it counts as lost;
	// a minute where it is 0.
	Stall time.Duration
}

// Open returns the target that c describes, without speaking to it. It
// returns E8001 for what it does not understand.
func Open(c TargetConfig) (Target, error) {
	scheme, rest, _ := strings.Cut(c.URL, "://")
	switch {
	case scheme == "s3" && rest != "":
		return openS3(c, rest)
	case strings.Contains(c.URL, "://") && scheme != "file":
		return nil, fault.New("E8001", "", "want", "s3://BUCKET/PREFIX | a folder")
	}
	path := strings.TrimPrefix(strings.TrimPrefix(c.URL, "file:"), "//")
	if path == "" || strings.ContainsRune(path, 0) {
		return nil, fault.New("E8001", "", "want", "s3://BUCKET/PREFIX | a folder")
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.Dir, path)
	}
	return folder{filepath.Clean(path)}, nil
}
