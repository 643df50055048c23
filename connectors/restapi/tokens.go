package restapi

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// Tokens are what an OAuth 2 server gave.
type Tokens struct {
	Access  string    `json:"access,omitempty"`
	Expires time.Time `json:"expires,omitzero"`
	Refresh string    `json:"refresh,omitempty"`
	// Previous is the refresh token before Refresh. A server that answered with
	// a new one, which was lost on the way, takes the old one once more.
	Previous string `json:"previous,omitempty"`
	// Seed is a fingerprint of the refresh token that the connection was given:
	// where it changes, somebody authorised anew and what is kept is void.
	Seed string `json:"seed,omitempty"`
	// Login is a fingerprint of everything that the connection logs in with:
	// where it changes, Access is void.
	Login string `json:"login,omitempty"`
}

// TokenStore keeps tokens between runs. Save is durable when it returns: a
// refresh token that changes with each use is saved before the access token
// that came with it is used.
//
// A kill between the server's answer and Save loses the new refresh token.
// The old one is then still kept, and is asked with again: servers that
// rotate take it once more within a grace period, as their clients may lose
// answers. A server without grace ends the authorisation (E2319); no client
// can prevent that.
type TokenStore interface {
	// Load returns the tokens of a connection; zero Tokens where none are kept.
	Load(ctx context.Context, connection string) (Tokens, error)
	Save(ctx context.Context, connection string, t Tokens) error
}

// FileTokens keeps tokens in files of a folder that only the user may read.
type FileTokens struct{ Dir string }

var _ TokenStore = FileTokens{}

var unsafeName = regexp.MustCompile(`[^\pL\pN_-]`)

func (f FileTokens) path(connection string) string {
	return filepath.Join(f.Dir, unsafeName.ReplaceAllString(connection, "_")+".json")
}

// Load reads the tokens of a connection. A damaged file counts as none.
func (f FileTokens) Load(_ context.Context, connection string) (Tokens, error) {
	var t Tokens
	data, err := os.ReadFile(f.path(connection))
	if errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	if json.Unmarshal(data, &t) != nil {
		return Tokens{}, nil
	}
	return t, nil
}

// Save writes the file beside the old one, flushes it, and puts it in its
// place: a kill leaves either the old tokens or the new ones.
func (f FileTokens) Save(_ context.Context, connection string, t Tokens) (err error) {
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return err
	}
	data, err := json.Marshal(t)
	if err != nil {
		return err
	}
	path := f.path(connection)
	out, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = out.Write(data)
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return errors.Join(err, os.Remove(path+".new"))
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	dir, err := os.Open(f.Dir)
	if err != nil {
		return err
	}
	// Some file systems can't flush a folder; the rename stands all the same.
	if syncErr := dir.Sync(); syncErr != nil && !errors.Is(syncErr, errors.ErrUnsupported) && !errors.Is(syncErr, fs.ErrInvalid) {
		err = syncErr
	}
	return errors.Join(err, dir.Close())
}
