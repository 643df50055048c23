package restapi

import (
	"context"
	"errors"
	"hash/crc64"
	"io"
	"net/http"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
)

// Reading of one list ends early with these.
var (
	errMoved = errors.New("a page reads otherwise than before")
	errOlder = errors.New("the rest of the list is older than what is asked for")
	errFull  = errors.New("the limit of rows is reached")
	// errExpired and errTooMany are answers that the reader knows a way out of.
	errExpired = errors.New("the position has expired")
	errTooMany = errors.New("there is more than the server gives")
)

var table64 = crc64.MakeTable(crc64.ECMA)

// item is one element of a list.
type item struct {
	data map[string]any // nil where it is no object
	raw  []byte         // valid until take returns
}

// list is one list to be read: a call, its parameters, and who takes its rows.
type list struct {
	call *Call
	vars vars
	// query are further parameters: the bounds of a cursor.
	query map[string]string
	key   []string
	at    *place
	// take gets each row once the place says that it was handed over.
	take func(ctx context.Context, i item) error
	// paged is called after each page; it may be nil.
	paged func(r result) error
	// started is called once a job has begun, so that its id is kept; it may be nil.
	started func(ctx context.Context) error
	name    string
}

// list reads all pages from the list's place on.
func (c *client) list(ctx context.Context, l list) error {
	if !l.at.Set {
		l.at.Page, l.at.Set = l.call.Paging.first(), true
	}
	if l.call.Job != nil {
		call, err := c.job(ctx, &l)
		if err != nil {
			return err
		}
		if call == nil {
			return nil
		}
		l.call = call
	}
	seen := map[uint64]bool{} // checksums of tokens: a list may have very many
	var last uint64
	same := 0
	for pages := int64(1); ; pages++ {
		r, err := c.page(ctx, l)
		if err != nil {
			return err
		}
		if l.paged != nil {
			if err := l.paged(r); err != nil {
				return err
			}
		}
		if same++; r.sum != last || r.rows == 0 {
			same = 0
		}
		last = r.sum
		p := &l.call.Paging
		next, more, stuck := p.next(l.at.Page, r)
		if !more && !stuck {
			return nil
		}
		if next.Token != "" {
			token := crc64.Checksum([]byte(next.Token), table64)
			stuck = stuck || seen[token]
			seen[token] = true
		}
		if stuck || same >= 2 {
			return fault.New("E2313", c.place(l.name), "stream", l.name, "address", c.base.Host)
		}
		if pages >= c.api.Limits.Pages {
			return fault.New("E2316", c.place(l.name), "stream", l.name, "limit", "limits.pages", "count", c.api.Limits.Pages)
		}
		*l.at = place{Page: next, Set: true}
	}
}

func (c *client) place(stream string) string {
	if stream == "" {
		return c.cfg.Name
	}
	return c.cfg.Name + "/" + stream
}

// page reads one page, asking again where it is cut off; rows that were taken
// before are passed over where they come again as they were.
func (c *client) page(ctx context.Context, l list) (result, error) {
	renewed := false
	for cuts := 0; ; {
		r, err := c.once(ctx, l)
		var again tryAgain
		var refused errRefused
		switch {
		case err == nil:
			return r, nil
		case errors.Is(err, errMoved):
			l.at.Rows, l.at.Sum = 0, 0
			continue
		case errors.As(err, &refused):
			if !renewed {
				renewed = true
				if ok, err := c.auth.renew(ctx); err != nil {
					return r, err
				} else if ok {
					continue
				}
			}
			return r, refused.fault
		case errors.As(err, &again):
			if cuts++; cuts > c.tries {
				return r, again.fault
			}
			if err := connectors.Sleep(ctx, max(again.wait, c.patience(cuts-1))); err != nil {
				return r, err
			}
			continue
		}
		return r, err
	}
}

// tryAgain is an answer after which the page is asked for again.
type tryAgain struct {
	fault error
	wait  time.Duration
}

func (e tryAgain) Error() string { return e.fault.Error() }

// Unwrap returns the fault.
func (e tryAgain) Unwrap() error { return e.fault }

// errRefused is an answer whose status is good and whose body says that the
// credentials are not: a token may have expired.
type errRefused struct{ fault error }

func (e errRefused) Error() string { return e.fault.Error() }

// Unwrap returns the fault.
func (e errRefused) Unwrap() error { return e.fault }

// once asks for a page and reads it.
func (c *client) once(ctx context.Context, l list) (result, error) {
	q, err := c.request(l.call, l.vars, extra{query: l.query, page: l.at.Page})
	if err != nil {
		return result{}, err
	}
	a, meaning, err := c.do(ctx, q, c.place(l.name))
	switch {
	case meaning == Empty:
		return result{header: http.Header{}, url: q.url}, nil
	case meaning == Expired:
		return result{}, errors.Join(errExpired, err)
	case meaning == TooMany:
		return result{}, errors.Join(errTooMany, err)
	case err != nil:
		return result{}, err
	}
	r, err := c.rows(ctx, l, a)
	if closeErr := a.Close(); err == nil && closeErr != nil {
		err = tryAgain{fault: c.explain(ctx, closeErr, c.place(l.name))}
	}
	return r, err
}

// rows reads the rows of an answer.
func (c *client) rows(ctx context.Context, l list, a *answer) (result, error) {
	r := result{header: a.header, url: a.url}
	var taken error
	skip, want := l.at.Rows, l.at.Sum
	beside, found, err := records(a, l.call, func(raw []byte) error {
		r.sum = crc64.Update(r.sum, table64, raw)
		r.rows++
		i := item{raw: raw}
		if v, err := decode(raw); err != nil {
			return err
		} else if v = lookup(v, l.call.Record); len(l.call.Columns) > 0 {
			if i.data, taken = c.named(l, v); taken != nil {
				return taken
			}
		} else if m, ok := v.(map[string]any); ok {
			i.data = m
		}
		if l.call.Records == "" && i.data != nil {
			if err := c.inBody(l, i.data, a.header); err != nil {
				taken = err
				return err
			}
		}
		r.note(l, i)
		if r.rows <= skip {
			if r.rows == skip && r.sum != want {
				return errMoved
			}
			return nil
		}
		if skip == 0 && r.rows == 1 && r.anchor {
			return nil // the row was handed over with the page before
		}
		l.at.Rows, l.at.Sum = r.rows, r.sum
		taken = l.take(ctx, i)
		return taken
	})
	switch {
	case taken != nil:
		return r, taken
	case errors.Is(err, errMoved):
		return r, errMoved
	case err != nil && ctx.Err() != nil:
		return r, ctx.Err()
	case err != nil && (context.Cause(a.ctx) != nil || isCut(err)):
		return r, tryAgain{fault: c.explain(ctx, cause(a.ctx, err), c.place(l.name))}
	case err != nil:
		return r, c.explain(ctx, err, c.place(l.name))
	}
	r.beside = beside
	c.pace.budget(beside, c.api.Throttle)
	if l.call.Records != "" || !found {
		if err := c.inBody(l, beside, a.header); err != nil {
			return r, err
		}
	}
	if !found && !c.empty(beside) {
		return r, fault.New("E2312", c.place(l.name), "address", c.base.Host, "path", l.call.Records)
	}
	if n := l.call.count; l.call.file != nil && n >= 0 && int64(r.rows) < n {
		return r, tryAgain{fault: c.explain(ctx, io.ErrUnexpectedEOF, c.place(l.name))}
	}
	if r.rows < skip {
		return r, errMoved
	}
	return r, nil
}

// empty reports whether a rule says that a good answer without a list of
// records is an empty one.
func (c *client) empty(tree any) bool {
	for _, rule := range c.api.Errors {
		if rule.Means == Empty && rule.Field != "" && rule.covers(http.StatusOK) && rule.matches(tree) {
			return true
		}
	}
	return false
}

// named makes an object of a record that is a list of values.
func (c *client) named(l list, v any) (map[string]any, error) {
	values, _ := v.([]any)
	if len(values) != len(l.call.Columns) {
		return nil, fault.New("E2331", c.place(l.name), "address", c.base.Host, "count", len(values), "want", len(l.call.Columns))
	}
	m := make(map[string]any, len(values))
	for i, name := range l.call.Columns {
		m[name] = values[i]
	}
	return m, nil
}

// cause is why an answer's own context ended, if it did.
func cause(ctx context.Context, err error) error {
	if why := context.Cause(ctx); why != nil {
		return why
	}
	return err
}

// note remembers what paging needs of a row.
func (r *result) note(l list, i item) {
	if l.call.Paging.Key != "" {
		r.after = text(lookup(i.data, l.call.Paging.Key))
	}
	if l.call.Paging.Type != PagingOffset {
		return
	}
	key := joined(i.data, l.key)
	known := false
	for _, a := range l.at.Page.Anchors {
		known = known || key != "" && a == key
	}
	r.anchor = r.anchor || known
	r.fresh = r.fresh || !known
	if key == "" {
		return
	}
	if r.keys = append(r.keys, key); len(r.keys) > anchors {
		r.keys = r.keys[1:]
	}
}

// codeOf is the server's code of an error, by the rule that found it.
func (c *client) codeOf(rule ErrorRule, tree any) string {
	if v := text(rule.find(tree)); codeLike.MatchString(v) {
		return v
	}
	return errorCode(tree)
}

// inBody judges an answer whose status is good by what its body says.
func (c *client) inBody(l list, tree any, h http.Header) error {
	for _, rule := range c.api.Errors {
		if rule.Field == "" || !rule.covers(http.StatusOK) || !rule.matches(tree) {
			continue
		}
		code := c.codeOf(rule, tree)
		wait, _ := told(h, c.api.Throttle)
		err := c.meant(rule.Means, c.place(l.name), http.StatusOK, code, wait)
		switch rule.Means {
		case Throttled:
			c.pace.slower(wait)
			c.pace.budget(tree, c.api.Throttle)
			return tryAgain{fault: err, wait: wait}
		case Temporary:
			return tryAgain{fault: err, wait: wait}
		case Refused:
			return errRefused{err}
		case Expired:
			return errors.Join(errExpired, err)
		case TooMany:
			return errors.Join(errTooMany, err)
		case Empty:
			return nil
		}
		return err
	}
	return nil
}
