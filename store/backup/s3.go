package backup

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"crmhub/fault"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// bucket is a target on an S3-compatible server. Every object is one request,
// so that it is there whole or not at all; the server gets its SHA-256 twice,
// signed and as a checksum that it keeps.
type bucket struct {
	client *minio.Core
	name   string
	prefix string // "" or ending in a slash
}

func openS3(c TargetConfig, rest string) (Target, error) {
	name, prefix, _ := strings.Cut(rest, "/")
	if prefix = strings.Trim(prefix, "/"); prefix != "" {
		prefix += "/"
	}
	endpoint := c.Endpoint
	if endpoint == "" {
		endpoint = "https://s3.amazonaws.com"
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return nil, fault.New("E8001", "", "want", "endpoint: https://HOST[:PORT]")
	}
	region := c.Region
	if region == "" {
		region = "us-east-1"
	}
	tries := c.Tries
	if tries == 0 {
		tries = 5
	}
	stall := c.Stall
	if stall == 0 {
		stall = time.Minute
	}
	client, err := minio.NewCore(u.Host, &minio.Options{
		Creds:  credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""),
		Secure: u.Scheme == "https", Region: region, MaxRetries: tries,
		TrailingHeaders: true, // checksums in headers are refused without it
		Transport:       transport(stall),
	})
	if err != nil {
		return nil, fault.New("E8001", "", "want", "endpoint: https://HOST[:PORT]").Because(err)
	}
	return &bucket{client: client, name: name, prefix: prefix}, nil
}

// transport gives up on connections that stand still: a server that vanished
// without a word would otherwise hold a backup for ever.
func transport(stall time.Duration) http.RoundTripper {
	dialer := &net.Dialer{Timeout: 15 * time.Second, KeepAlive: 15 * time.Second}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := dialer.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return restless{c, stall}, nil
		},
		TLSHandshakeTimeout: 15 * time.Second, ResponseHeaderTimeout: stall, ExpectContinueTimeout: 5 * time.Second,
		IdleConnTimeout: stall, MaxIdleConnsPerHost: 4, DisableCompression: true,
	}
}

// restless is a connection on which each read and write has its own deadline.
type restless struct {
	net.Conn
	stall time.Duration
}

// Read implements net.Conn.
func (c restless) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.stall)); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

// Write implements net.Conn.
func (c restless) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.stall)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// String implements Target.
func (b *bucket) String() string { return strings.TrimSuffix("s3://"+b.name+"/"+b.prefix, "/") }

// Put implements Target.
func (b *bucket) Put(ctx context.Context, name string, body []byte, sum [32]byte) error {
	opts := minio.PutObjectOptions{
		ContentType:  "application/octet-stream",
		UserMetadata: map[string]string{"x-amz-checksum-sha256": base64.StdEncoding.EncodeToString(sum[:])},
	}
	opts.SetMatchETagExcept("*") // If-None-Match: *
	_, err := b.client.PutObject(ctx, b.name, b.prefix+name, bytes.NewReader(body), int64(len(body)), "", hex.EncodeToString(sum[:]), opts)
	if err == nil {
		return nil
	}
	f := b.fault(ctx, name, err)
	if fault.Of(f) != nil && fault.Of(f).Code == "E8013" && b.holds(ctx, name, int64(len(body)), sum) {
		return nil // the answer to an earlier try was lost on the way; the object is ours
	}
	return f
}

// holds reports whether the bucket has exactly these bytes under that name.
func (b *bucket) holds(ctx context.Context, name string, size int64, sum [32]byte) bool {
	o, err := b.Stat(ctx, name)
	return err == nil && o.Size == size && bytes.Equal(o.SHA256, sum[:])
}

// Get implements Target.
func (b *bucket) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	r, _, _, err := b.client.GetObject(ctx, b.name, b.prefix+name, minio.GetObjectOptions{})
	if err != nil {
		return nil, b.fault(ctx, name, err)
	}
	return &download{r, func(err error) error { return b.fault(ctx, name, err) }}, nil
}

// download names what breaks while an object is read.
type download struct {
	io.ReadCloser
	fault func(error) error
}

// Read implements io.Reader.
func (d *download) Read(p []byte) (int, error) {
	n, err := d.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = d.fault(err)
	}
	return n, err
}

// Stat implements Target.
func (b *bucket) Stat(ctx context.Context, name string) (Object, error) {
	info, err := b.client.StatObject(ctx, b.name, b.prefix+name, minio.StatObjectOptions{Checksum: true})
	if err != nil {
		return Object{}, b.fault(ctx, name, err)
	}
	o := Object{Name: name, Size: info.Size, Modified: info.LastModified}
	if sum, err := base64.StdEncoding.DecodeString(info.ChecksumSHA256); err == nil && len(sum) == 32 {
		o.SHA256 = sum
	}
	return o, nil
}

// List implements Target.
func (b *bucket) List(ctx context.Context, hand func(Object) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the client's own goroutine
	for info := range b.client.Client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix, Recursive: true}) {
		if info.Err != nil {
			return b.fault(ctx, "", info.Err)
		}
		if err := hand(Object{Name: strings.TrimPrefix(info.Key, b.prefix), Size: info.Size, Modified: info.LastModified}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Remove implements Target.
func (b *bucket) Remove(ctx context.Context, name string) error {
	err := b.client.RemoveObject(ctx, b.name, b.prefix+name, minio.RemoveObjectOptions{})
	if err == nil {
		return nil
	}
	if err = b.fault(ctx, name, err); errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// fault names what the server or the network said.
func (b *bucket) fault(ctx context.Context, name string, err error) error {
	place := strings.TrimSuffix(b.String()+"/"+name, "/")
	if e := ctx.Err(); e != nil {
		return e
	}
	answer := minio.ToErrorResponse(err)
	switch answer.Code {
	case "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "XAdminUserNotFound":
		return fault.New("E8003", place).Because(err) // some servers send them with 404
	case "NoSuchKey":
		return ErrNotFound
	case "NoSuchBucket":
		return fault.New("E8004", place).Because(err)
	case "PreconditionFailed", "ConditionalRequestConflict":
		return fault.New("E8013", place).Because(err)
	case "BadDigest", "XAmzContentSHA256Mismatch", "InvalidDigest":
		return fault.New("E8015", place).Because(err)
	case "QuotaExceeded", "XMinioStorageFull", "InsufficientCapacity":
		return fault.New("E8017", place).Because(err)
	}
	switch status := answer.StatusCode; {
	case status == http.StatusForbidden, status == http.StatusUnauthorized:
		return fault.New("E8003", place).Because(err)
	case status == http.StatusPreconditionFailed:
		return fault.New("E8013", place).Because(err)
	case status == http.StatusNotFound && answer.Code == "NotFound":
		return ErrNotFound
	case status == http.StatusInsufficientStorage:
		return fault.New("E8017", place).Because(err)
	case status != 0:
		return fault.New("E8002", place, "reason", fmt.Sprintf("the server answers %d", status)).Because(err)
	}
	reason := "the connection was lost"
	var dial *net.OpError
	var timeout net.Error
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		reason = "the host name is not known"
	case errors.As(err, &timeout) && timeout.Timeout():
		reason = "no answer in time"
	case errors.As(err, &dial) && dial.Op == "dial":
		reason = "no connection"
	}
	return fault.New("E8002", place, "reason", reason).Because(err)
}
