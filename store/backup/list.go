package backup

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"crmhub/fault"
)

// Listing is what a target holds.
type Listing struct {
	// Snapshots are the complete snapshots, the newest first.
	Snapshots []Info
	// Leftovers are what broken or running backups left, the oldest first.
	Leftovers []Leftover
}

// Info is one snapshot as its manifest describes it. It is not authenticated:
// that takes a key ring (see Verify).
type Info struct {
	Manifest
	// Problem is why the manifest could not be read; only Snapshot is set then.
	Problem error
}

// Leftover is a snapshot without a manifest: it does not exist, but takes room.
type Leftover struct {
	Snapshot string
	Objects  int
	Size     int64     // bytes
	Modified time.Time // of its youngest object
	names    []string
}

// List returns what the target holds. An empty or missing folder holds
// nothing; a missing bucket is E8004.
func List(ctx context.Context, t Target) (Listing, error) {
	var l Listing
	complete, rest, err := scan(ctx, t)
	if err != nil {
		return l, err
	}
	for _, id := range complete {
		m, _, err := readManifest(ctx, t, id)
		switch f := fault.Of(err); {
		case err == nil:
			l.Snapshots = append(l.Snapshots, Info{Manifest: m})
		case f != nil && f.Code == "E8005":
			// removed since
		case f != nil && (f.Code == "E8008" || f.Code == "E8009"):
			l.Snapshots = append(l.Snapshots, Info{Manifest: Manifest{Snapshot: id}, Problem: err})
		default:
			return l, err
		}
	}
	l.Leftovers = rest
	return l, nil
}

// scan returns the ids of complete snapshots, newest first, and what is left of others.
func scan(ctx context.Context, t Target) (complete []string, rest []Leftover, err error) {
	found := map[string]*Leftover{}
	err = t.List(ctx, func(o Object) error {
		id, name, ok := strings.Cut(o.Name, "/")
		switch {
		case !ok || !snapshotID.MatchString(id):
			return nil // somebody else's
		case name == manifestName:
			complete = append(complete, id)
		}
		l := found[id]
		if l == nil {
			l = &Leftover{Snapshot: id}
			found[id] = l
		}
		l.Objects++
		l.Size += o.Size
		l.names = append(l.names, o.Name)
		if o.Modified.After(l.Modified) {
			l.Modified = o.Modified
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	for _, id := range complete {
		delete(found, id)
	}
	for _, l := range found {
		rest = append(rest, *l)
	}
	slices.SortFunc(rest, func(a, b Leftover) int { return strings.Compare(a.Snapshot, b.Snapshot) })
	slices.Sort(complete)
	slices.Reverse(complete)
	return complete, rest, nil
}

// Sweep removes leftovers whose youngest object is from before that moment,
// and returns how many there were. A backup that is still running has young
// objects: give it a day.
func Sweep(ctx context.Context, t Target, before time.Time) (int, error) {
	_, rest, err := scan(ctx, t)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, l := range rest {
		if !l.Modified.Before(before) {
			continue
		}
		for _, name := range l.names {
			if err := t.Remove(ctx, name); err != nil {
				return n, err
			}
		}
		n++
	}
	return n, nil
}

// resolve returns the id of the snapshot that a person names: its id, or
// "latest" (or nothing) for the newest.
func resolve(ctx context.Context, t Target, snapshot string) (string, error) {
	if snapshot != "" && snapshot != "latest" {
		if !snapshotID.MatchString(snapshot) {
			return "", fault.New("E8005", t.String(), "snapshot", snapshot)
		}
		return snapshot, nil
	}
	complete, _, err := scan(ctx, t)
	if errors.Is(err, ErrNotFound) || err == nil && len(complete) == 0 {
		return "", fault.New("E8005", t.String(), "snapshot", "latest")
	} else if err != nil {
		return "", err
	}
	return complete[0], nil
}
