package restapi

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"crmhub/record"
)

// page says which page of a list is asked for.
type page struct {
	N     int64  `json:"n,omitempty"`     // offset or page number
	Token string `json:"token,omitempty"` // token, key, or path and query of an address
	// Anchors are the last keys of the page before: one of them must come again
	// as the first row, or rows were deleted meanwhile and others moved up.
	Anchors []string `json:"anchors,omitempty"`
	// Total is how many rows there were when the last page was read; -1 unknown.
	Total int64 `json:"total,omitempty"`
	// Job is the id of the job whose result is read.
	Job string `json:"job,omitempty"`
	// Begun says that the number of pages is known, in reverse paging.
	Begun bool `json:"begun,omitempty"`
}

// anchors is how many keys a page remembers of the one before.
const anchors = 20

// result is what a page was.
type result struct {
	rows   int
	keys   []string // of the last rows
	after  string   // the last row's value of Paging.Key
	fresh  bool     // a row came that was not an anchor
	anchor bool     // an anchor came
	beside any
	header http.Header
	url    *url.URL
	sum    uint64
}

// value returns what stands at a path of the answer, or in a header.
func (r result) value(path string) string {
	if path == "" {
		return ""
	}
	if name, ok := strings.CutPrefix(path, "header:"); ok {
		s := r.header.Get(name)
		if s == "null" { // Salesforce's way of saying that there is none
			return ""
		}
		return s
	}
	return text(lookup(r.beside, path))
}

func (r result) number(path string) (int64, bool) {
	n, err := strconv.ParseInt(r.value(path), 10, 64)
	return n, err == nil && n >= 0
}

// first returns the first page.
func (p *Paging) first() page {
	pg := page{Total: -1}
	switch {
	case p.Start != nil:
		pg.N = *p.Start
	case p.Type == PagingPage || p.Type == PagingReverse:
		pg.N = 1
	}
	return pg
}

// hasMore says what the answer says of there being more: known is false where
// it says nothing. read is how many rows of the whole list were passed.
func (p *Paging) hasMore(r result, read int64) (more, known bool) {
	if p.More != "" {
		if s := r.value(p.More); s != "" {
			return record.Truth(s), true
		}
	}
	if s := r.value(p.Last); s != "" {
		return !record.Truth(s), true
	}
	if total, ok := r.number(p.Total); ok {
		return read < total, true
	}
	return false, false
}

// next returns the page after pg; more is false at the end, stuck where the
// server gives no way on although it says that there is more.
func (p *Paging) next(pg page, r result) (next page, more, stuck bool) {
	switch p.Type {
	case PagingOffset:
		return p.nextOffset(pg, r)
	case PagingPage:
		return p.nextNumber(pg, r)
	case PagingReverse:
		return p.nextReverse(pg, r)
	case PagingToken:
		token := r.value(p.Next)
		if p.More != "" && !record.Truth(r.value(p.More)) || record.Truth(r.value(p.Last)) {
			token = ""
		}
		return page{Token: token, Total: -1, Job: pg.Job}, token != "", token != "" && token == pg.Token
	case PagingNextURL, PagingLink:
		raw := r.value(p.Next)
		if p.Type == PagingLink {
			raw = nextLink(r.header)
		}
		if more, known := p.hasMore(r, 0); raw == "" || known && !more && p.Total == "" {
			return page{}, false, false // some servers give an address behind the last page too
		}
		u, err := r.url.Parse(raw)
		if err != nil {
			return page{}, true, true
		}
		// Path and query alone: keys are sent to our own host and no other.
		return page{Token: u.RequestURI(), Total: -1, Job: pg.Job}, true, u.RequestURI() == pg.Token
	case PagingKeyset:
		more, known := p.hasMore(r, 0)
		if !known {
			more = r.rows > 0
		}
		return page{Token: r.after, Total: -1}, more, more && (r.after == "" || r.after == pg.Token)
	}
	return page{}, false, false
}

func (p *Paging) nextOffset(pg page, r result) (next page, more, stuck bool) {
	start := int64(0)
	if p.Start != nil {
		start = *p.Start
	}
	if len(pg.Anchors) > 0 && !r.anchor && pg.N > start {
		// What was read before is not here any more: rows moved up. Go back.
		return page{N: max(start, pg.N-max(p.Size, int64(r.rows), 1)), Anchors: pg.Anchors, Total: -1}, true, false
	}
	end := pg.N + int64(r.rows)
	more, known := p.hasMore(r, end-start)
	switch {
	case !known:
		more = r.rows > 0 && r.fresh
	case more && r.rows == 0:
		return page{}, true, true
	}
	if !known && !r.fresh && len(pg.Anchors) > 0 && r.rows == 1 && p.Size > 1 {
		return page{}, false, false // nothing stands behind the last row
	}
	if !r.fresh && len(pg.Anchors) > 0 {
		// A server that rounds offsets: ask behind the anchor.
		return page{N: pg.N + 1, Total: -1}, more || !known, false
	}
	if len(r.keys) == 0 {
		return page{N: end, Total: -1}, more, false
	}
	return page{N: max(end-1, start), Anchors: r.keys, Total: -1}, more, false
}

func (p *Paging) nextNumber(pg page, r result) (next page, more, stuck bool) {
	first := p.first().N
	next = page{N: pg.N + 1, Total: -1}
	total, counted := r.number(p.Total)
	if counted {
		next.Total = total
	}
	if gone := pg.Total - total; counted && pg.Total > total && p.Size > 0 {
		// Rows were deleted, and those behind them moved up by as many.
		next.N = max(first, next.N-(gone+p.Size-1)/p.Size)
		return next, true, false
	}
	if pages, ok := r.number(p.Pages); ok && p.More == "" {
		return next, pg.N-first+1 < pages, false
	}
	size := p.Size
	if size == 0 {
		size = int64(r.rows)
	}
	more, known := p.hasMore(r, (pg.N-first+1)*size)
	if !known {
		more = r.rows > 0
	}
	return next, more, known && more && r.rows == 0
}

func (p *Paging) nextReverse(pg page, r result) (next page, more, stuck bool) {
	first := p.first().N
	if pg.Begun {
		return page{N: pg.N - 1, Total: -1, Begun: true}, pg.N > first, false
	}
	pages, ok := r.number(p.Pages)
	if !ok {
		total, counted := r.number(p.Total)
		if !counted || p.Size == 0 {
			return page{}, true, true
		}
		pages = (total + p.Size - 1) / p.Size
	}
	if pages > 0 && r.rows == 0 {
		return page{}, true, true // it counts rows that it does not give
	}
	return page{N: first + pages - 1, Total: -1, Begun: true}, pages > 0, false
}

// parameter returns what goes into Param for a page; false for none.
func (p *Paging) parameter(pg page) (string, bool) {
	switch p.Type {
	case PagingOffset, PagingPage, PagingReverse:
		return strconv.FormatInt(pg.N, 10), true
	case PagingToken, PagingKeyset:
		return pg.Token, pg.Token != ""
	}
	return "", false
}
