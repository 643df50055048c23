package restapi

import (
	"context"
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
)

// job makes the server's job, unless the place has one already, waits for it,
// and returns the call that reads its result.
func (c *client) job(ctx context.Context, l *list) (*Call, error) {
	j := l.call.Job
	var last any
	resumed := l.at.Page.Job != ""
	if !resumed {
		tree, err := c.tree(ctx, *l, l.call, l.query)
		if err != nil {
			return nil, err
		}
		id := text(lookup(tree, j.ID))
		if id == "" {
			return nil, fault.New("E2312", c.place(l.name), "address", c.base.Host, "path", j.ID)
		}
		*l.at = place{Page: page{Job: id, Total: -1}, Set: true}
		if text(lookup(tree, j.Status)) != "" {
			last = tree // else the state stands in the answers to come alone
		}
		if l.started != nil {
			if err := l.started(ctx); err != nil {
				return nil, err
			}
		}
	}
	// A job of an earlier read that did not end well, or that the server has
	// forgotten, is no reason to stop: another one is made.
	anew := func(err error) error {
		if f := fault.Of(err); resumed && f != nil && (f.Code == "E2305" || f.Code == "E2312" || f.Code == "E2323") {
			return errors.Join(errExpired, err)
		}
		return err
	}
	l.vars = l.vars.with(vars{"job": l.at.Page.Job})
	l.query = nil
	end := time.Now().Add(j.Within)
	for {
		status := text(lookup(last, j.Status))
		switch {
		case slices.Contains(j.Done, status):
			call, err := c.jobResult(l, j, last)
			return call, anew(err)
		case slices.Contains(j.Failed, status), status == "" && last != nil, time.Now().After(end):
			if !codeLike.MatchString(status) {
				status = "-"
			}
			return nil, anew(fault.New("E2323", c.place(l.name), "address", c.base.Host, "stream", l.name, "status", status))
		}
		if last != nil {
			if err := connectors.Sleep(ctx, j.Every); err != nil {
				return nil, err
			}
		}
		tree, err := c.tree(ctx, *l, &j.Poll, nil)
		if err != nil {
			return nil, anew(err)
		}
		last = tree
	}
}

// jobResult returns the call of a finished job's result; nil where it has none.
func (c *client) jobResult(l *list, j *Job, last any) (*Call, error) {
	call := j.Result
	call.count = -1
	if n, ok := (result{beside: last}).number(j.Count); ok {
		call.count = n
	}
	if j.File == "" {
		return &call, nil
	}
	if call.count == 0 && text(lookup(last, j.File)) == "" {
		return nil, nil
	}
	raw := text(lookup(last, j.File))
	u, err := c.base.Parse(raw)
	if err != nil || raw == "" {
		return nil, fault.New("E2312", c.place(l.name), "address", c.base.Host, "path", j.File)
	}
	call.file = u
	return &call, nil
}

// elsewhere reports whether a URL is on another host than the API.
func (c *client) elsewhere(u *url.URL) bool {
	return !strings.EqualFold(u.Host, c.base.Host) || u.Scheme != c.base.Scheme
}

// tree makes a call whose answer is one small document.
func (c *client) tree(ctx context.Context, l list, call *Call, query map[string]string) (any, error) {
	q, err := c.request(call, l.vars, extra{query: query, page: page{Total: -1}})
	if err != nil {
		return nil, err
	}
	for cuts := 0; ; {
		a, _, err := c.do(ctx, q, c.place(l.name))
		if err != nil {
			return nil, err
		}
		raw, err := io.ReadAll(io.LimitReader(a, keepBeside))
		err = errors.Join(err, a.Close())
		if err != nil && ctx.Err() == nil && cuts < c.tries {
			cuts++
			if err := connectors.Sleep(ctx, c.patience(cuts-1)); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, c.explain(ctx, err, c.place(l.name))
		}
		tree, err := decode(raw)
		if err != nil {
			return nil, c.explain(ctx, err, c.place(l.name))
		}
		err = c.inBody(l, tree, a.header)
		var again tryAgain
		if errors.As(err, &again) && cuts < c.tries {
			cuts++
			if err := connectors.Sleep(ctx, max(again.wait, c.patience(cuts-1))); err != nil {
				return nil, err
			}
			continue
		}
		return tree, err
	}
}
