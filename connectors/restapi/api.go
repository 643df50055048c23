// Package restapi reads HTTP APIs by a description of them: where they are, how they let us in, page, slow us down and tell of changes.
//
// A description is data (see API): the connector rest takes it from a
// consultant's YAML file, the connectors of single systems bring their own,
// with hooks in Go for what data can't say.
//
// Values. Rows are JSON objects; numbers keep every digit.
//
// Order and positions. Rows are handed over as they come, also from the middle
// of a page. A position inside a page says how many of its rows were taken and
// a checksum of them: where the page reads otherwise when it is asked for
// again, it is handed over from its beginning, so that nothing is lost. What
// is read twice lands once, by its key.
package restapi

import (
	"net/url"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/fault/yamlfile"
)

// API describes an HTTP API. The tags are the keys of the YAML file; docs/reference/rest.md explains each.
type API struct {
	Title string `yaml:"title"`
	// URL is what paths are appended to; a connection's own url wins.
	URL string `yaml:"url"`
	// Settings are names that templates may use as {setting.NAME}, with their
	// defaults; one without a default must be given by the connection.
	Settings map[string]string `yaml:"settings"`
	Headers  map[string]string `yaml:"headers"`
	Query    map[string]string `yaml:"query"`
	Auth     Auth              `yaml:"auth"`
	Throttle Throttle          `yaml:"throttle"`
	Errors   []ErrorRule       `yaml:"errors"`
	Limits   Limits            `yaml:"limits"`
	// Charset is how answers are read that don't say it; empty means UTF-8.
	Charset string `yaml:"charset"`
	// Check is asked by Source.Check; without it the first page of the first stream is.
	Check   *Call              `yaml:"check"`
	Streams map[string]*Stream `yaml:"streams"`

	doc *yamlfile.Doc
}

// Stream is a list of like records.
type Stream struct {
	// Key names the fields (a.b for a field inside another) that make a record's key.
	Key yamlfile.Strings `yaml:"key"`
	// List asks for all records, or those since {since} where Cursor has a Param.
	List Call `yaml:"list"`
	// Incremental is asked in place of List where there is a {since}.
	Incremental *Call `yaml:"incremental"`
	// Detail asks for each record of the list by itself, where the list holds
	// a part of it only; {record.FIELD} is a field of that part.
	Detail *Call `yaml:"detail" json:",omitempty"`
	// DetailAs is the field that the answer goes into; without it the answer
	// takes the place of the record.
	DetailAs string  `yaml:"detail_as" json:",omitempty"`
	Cursor   *Cursor `yaml:"cursor"`
	// Reread is asked after the list in each incremental read but the first:
	// for records that may change without their cursor moving.
	Reread *Call `yaml:"reread" json:",omitempty"`
	// FullEvery has an incremental read take the whole list where the last one
	// that did began so long ago.
	FullEvery time.Duration `yaml:"full_every" json:",omitempty"`
	// Changes tells which records changed, where the list itself can't.
	Changes *Changes `yaml:"changes"`
	Deletes *Deletes `yaml:"deletes"`
	// Parent makes the calls once for each record of another stream.
	Parent *Parent `yaml:"parent"`
	// Notes are shown by discover, NotesZh in their place to readers of Chinese.
	Notes   yamlfile.Strings `yaml:"notes"`
	NotesZh yamlfile.Strings `yaml:"notes_zh" json:",omitempty"`
}

// notes pairs the notes of both languages.
func (s *Stream) notes() []connectors.Note {
	var out []connectors.Note
	for i, en := range s.Notes {
		n := connectors.Note{en, en}
		if i < len(s.NotesZh) {
			n[fault.Chinese] = s.NotesZh[i]
		}
		out = append(out, n)
	}
	return out
}

// Call is one request and where its records stand in the answer. Texts are
// templates (see Parse).
type Call struct {
	Method  Method            `yaml:"method"`
	Path    string            `yaml:"path"`
	Query   map[string]string `yaml:"query"`
	Headers map[string]string `yaml:"headers"`
	// Body is sent as JSON, Form as application/x-www-form-urlencoded.
	Body map[string]any    `yaml:"body"`
	Form map[string]string `yaml:"form"`
	// Records is the path of the list of records; empty where the answer is the
	// list, a.* where they are the values of an object.
	Records string `yaml:"records"`
	// Record is the path of the record in an element of the list.
	Record string `yaml:"record"`
	Format Format `yaml:"format"`
	// Columns names the values of records that are lists, not objects.
	Columns yamlfile.Strings `yaml:"columns" json:",omitempty"`
	Paging  Paging           `yaml:"paging"`
	// Nested puts lines that belong to the record before them into it.
	Nested *Nested `yaml:"nested" json:",omitempty"`
	// Job makes the call start a job whose result is a file.
	Job *Job `yaml:"job"`

	// file is the address of a job's result; on another host it is asked for
	// without credentials. count is how many records it has; -1 unknown.
	file  *url.URL
	count int64
}

// Nested says which lines of a file (format jsonl) are no records, but belong
// to the one before them.
type Nested struct {
	// Parent is the field of such a line that holds the record's ID.
	Parent string `yaml:"parent"`
	ID     string `yaml:"id"`
	// Into is the path in the record of the list that takes them.
	Into string `yaml:"into"`
}

// Paging says how the pages of a list follow each other.
type Paging struct {
	Type      PagingType `yaml:"type"`
	Size      int64      `yaml:"size"`
	SizeParam string     `yaml:"size_param"`
	// Param is where offset, page number, token or key go.
	Param string `yaml:"param"`
	In    In     `yaml:"in"`
	// Start is the number of the first page (default 1) or the first offset (0).
	Start *int64 `yaml:"start"`
	// Next, More, Total and Pages are paths in the answer, or header:NAME.
	Next  string `yaml:"next"`
	More  string `yaml:"more"`
	Total string `yaml:"total"`
	Pages string `yaml:"pages"`
	// Last is the path of a flag that is true on the last page.
	Last string `yaml:"last" json:",omitempty"`
	// Key is the field of the last record that the next page begins after.
	Key string `yaml:"key"`
	// Delta is the path of the address that the next incremental read begins at.
	Delta string `yaml:"delta"`
	// Cap is how many rows the server gives of one search; behind it the read
	// goes on from the last cursor.
	Cap int64 `yaml:"cap"`
}

// Cursor says how changes since an instant (or number) are asked for.
type Cursor struct {
	// Field is the records' cursor; without it a read begins at the instant at
	// which the one before began.
	Field  string `yaml:"field"`
	Param  string `yaml:"param"`
	Until  string `yaml:"until"` // the parameter of the upper bound
	Format Moment `yaml:"format"`
	// Zone is that of times without one; default the connection's.
	Zone string `yaml:"zone"`
	// Start is the lower bound of a first read, for servers that want one.
	Start string `yaml:"start"`
	Order Order  `yaml:"order"`
	// Window is the longest span that one call may ask for.
	Window time.Duration `yaml:"window"`
	// Reach is how far back the server answers at all.
	Reach time.Duration `yaml:"reach"`
	// Overlap is the least that an incremental read begins before the stored cursor.
	Overlap time.Duration `yaml:"overlap"`
	// Closed keeps the last window from reaching into the future: what comes
	// while a window is read would move the rows of its pages.
	Closed bool `yaml:"closed" json:",omitempty"`
	// Covered is the path in the answer of the upper bound that it really
	// covers, where the server may shorten the one that was asked for.
	Covered string `yaml:"covered" json:",omitempty"`
}

// Changes is a list of what changed (an event log), from which the records
// are fetched one by one in their present state.
type Changes struct {
	List   Call   `yaml:"list"`
	Cursor Cursor `yaml:"cursor"`
	// ID is the path of the changed record's key in an entry.
	ID string `yaml:"id"`
	// Fetch asks for one record; {changed} is its key.
	Fetch Call `yaml:"fetch"`
}

// Deletes says how records that are gone are known.
type Deletes struct {
	// Field marks a record as gone where it is true, or one of Values.
	Field  string           `yaml:"field"`
	Values yamlfile.Strings `yaml:"values"`
	// List asks for what was archived or deleted.
	List *Call `yaml:"list"`
	// Key names the key's fields in that list; default the stream's.
	Key    yamlfile.Strings `yaml:"key"`
	Cursor *Cursor          `yaml:"cursor"`
}

// Parent is the stream whose records a stream's calls are made for. Templates
// use {parent.FIELD}; fields named here are added to each row as parent_FIELD.
type Parent struct {
	Stream string           `yaml:"stream"`
	Fields yamlfile.Strings `yaml:"fields"`
}

// Job is an answer that comes as a file once it is ready.
type Job struct {
	// ID and Status are paths in the answer; ID stands in templates as {job}.
	ID     string           `yaml:"id"`
	Poll   Call             `yaml:"poll"`
	Status string           `yaml:"status"`
	Done   yamlfile.Strings `yaml:"done"`
	Failed yamlfile.Strings `yaml:"failed"`
	Every  time.Duration    `yaml:"every"`
	Within time.Duration    `yaml:"within"`
	// File is the path of the file's address in the last answer; without it
	// Result is called. The format of Result is that of the file.
	File   string `yaml:"file"`
	Result Call   `yaml:"result"`
	// Count is the path of how many records the result has. One without any
	// needs no file, one with fewer is asked for again.
	Count string `yaml:"count" json:",omitempty"`
}

// Auth says how requests prove who asks. The secrets are the connection's.
type Auth struct {
	Type AuthType `yaml:"type"`
	// Name is the header or parameter of a key, Prefix what stands before the key.
	Name   string `yaml:"name"`
	Prefix string `yaml:"prefix"`
	// Login, for sessions, is the call that gives a token; its texts may hold
	// {secret.username} and {secret.password}. Token is the token's path in the
	// answer, or header:NAME.
	Login *Call  `yaml:"login"`
	Token string `yaml:"token"`
	// In is where a session's token goes; by default a header.
	In AuthIn `yaml:"in" json:",omitempty"`
	// The rest is for oauth2 and jwt.
	TokenURL  string            `yaml:"token_url"`
	Grant     Grant             `yaml:"grant"`
	ClientIn  ClientIn          `yaml:"client_in"`
	Scope     string            `yaml:"scope"`
	Params    map[string]string `yaml:"params"`
	Algorithm Algorithm         `yaml:"algorithm"`
	Issuer    string            `yaml:"issuer"`
	Subject   string            `yaml:"subject"`
	Audience  string            `yaml:"audience"`
}

// Throttle says how the server slows us down, beside 429 and 503 with Retry-After.
type Throttle struct {
	Rate Rate `yaml:"rate"`
	// Remaining, Reset and Wait are headers: how many requests are left, when
	// there are new ones (seconds from now, seconds or milliseconds since 1970, a
	// date), and how long to wait after a refusal.
	Remaining string `yaml:"remaining"`
	Reset     string `yaml:"reset"`
	Wait      string `yaml:"wait"`
	// Reserve is what is left of the budget for others.
	Reserve int64 `yaml:"reserve"`
	// Available, Restore and Cost are paths in the answer: a budget in points,
	// how many come back each second, and what the last request took.
	Available string `yaml:"available"`
	Restore   string `yaml:"restore"`
	Cost      string `yaml:"cost"`
}

// ErrorRule says what an answer means that is not as usual. All conditions
// given must hold.
type ErrorRule struct {
	Status []int64 `yaml:"status"`
	// Field is a path in the answer; without Values it must merely be there.
	Field  string           `yaml:"field"`
	Values yamlfile.Strings `yaml:"values"`
	Means  Meaning          `yaml:"means"`
}

// Limits bound what one read may take.
type Limits struct {
	Timeout   time.Duration `yaml:"timeout"`    // of an answer's beginning, and of silence in it; 60s
	MaxWait   time.Duration `yaml:"max_wait"`   // in all, for one request; 5m
	RetryWait time.Duration `yaml:"retry_wait"` // the first; it doubles; 1s
	Retries   int64         `yaml:"retries"`    // 8
	Pages     int64         `yaml:"pages"`      // of one list; 1,000,000
	PageBytes int64         `yaml:"page_bytes"` // unpacked; 1 GiB
	Changes   int64         `yaml:"changes"`    // ids of one read; 1,000,000
}
