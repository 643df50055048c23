package restapi

import (
	"errors"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/encoding/htmlindex"

	"crmhub/fault"
	"crmhub/fault/yamlfile"
)

// Parse reads the description of an API from YAML, and checks it. path names
// the file in faults, which say line and column; several are joined.
//
// Texts in calls are templates: {since} and {until} are the bounds of the
// cursor, {size} the page's size, {setting.NAME} a setting, {parent.FIELD} a
// field of the parent's record, {changed} the id of a record that changed,
// {job} the id of a job. A parameter with an empty value in it is left out.
func Parse(path string, data []byte) (*API, error) {
	doc, err := yamlfile.Parse(path, data)
	if err != nil {
		return nil, err
	}
	api := &API{doc: doc}
	if err := doc.Decode(api); err != nil {
		return nil, err
	}
	api.defaults()
	if err := api.lint(); err != nil {
		return nil, err
	}
	return api, nil
}

// defaults fills what was left out.
func (api *API) defaults() {
	l := &api.Limits
	set(&l.Timeout, time.Minute)
	set(&l.MaxWait, 5*time.Minute)
	set(&l.RetryWait, time.Second)
	set(&l.Retries, 8)
	set(&l.Pages, 1_000_000)
	set(&l.PageBytes, 1<<30)
	set(&l.Changes, 1_000_000)
	set(&api.Auth.Type, AuthNone)
	if api.Auth.Type == AuthOAuth2 {
		set(&api.Auth.Grant, GrantClient)
		set(&api.Auth.ClientIn, "body")
		set(&api.Auth.Algorithm, "RS256")
	}
	if api.Auth.Login != nil {
		api.Auth.Login.defaults()
	}
	for _, st := range api.Streams {
		if st == nil {
			continue
		}
		if st.Incremental != nil {
			st.Incremental.inherit(st.List)
		}
		if st.Reread != nil {
			st.Reread.inherit(st.List)
		}
		for _, c := range st.calls() {
			c.call.defaults()
		}
	}
	if api.Check != nil {
		api.Check.defaults()
	}
}

func set[T comparable](v *T, otherwise T) {
	var zero T
	if *v == zero {
		*v = otherwise
	}
}

func (c *Call) defaults() {
	if c.Method == "" {
		if c.Method = "GET"; c.Body != nil || c.Form != nil {
			c.Method = "POST"
		}
	}
	set(&c.Format, JSON)
	if c.Nested != nil {
		set(&c.Nested.ID, "id")
	}
	set(&c.Paging.Type, PagingNone)
	set(&c.Paging.In, InQuery)
	if j := c.Job; j != nil {
		set(&j.Every, 2*time.Second)
		set(&j.Within, time.Hour)
		j.Poll.defaults()
		j.Result.defaults()
	}
}

// inherit takes from the list what an incremental call does not say.
func (c *Call) inherit(list Call) {
	set(&c.Path, list.Path)
	set(&c.Records, list.Records)
	set(&c.Record, list.Record)
	if len(c.Columns) == 0 {
		c.Columns = list.Columns
	}
	set(&c.Format, list.Format)
	if c.Paging == (Paging{}) {
		c.Paging = list.Paging
	}
}

// placed is a call and where it stands in the file.
type placed struct {
	call *Call
	at   []any
	kind string
}

// calls lists a stream's calls.
func (st *Stream) calls() []placed {
	all := []placed{{&st.List, []any{"list"}, "list"}}
	if st.Incremental != nil {
		all = append(all, placed{st.Incremental, []any{"incremental"}, "list"})
	}
	if st.Reread != nil {
		all = append(all, placed{st.Reread, []any{"reread"}, "list"})
	}
	if st.Detail != nil {
		all = append(all, placed{st.Detail, []any{"detail"}, "detail"})
	}
	if st.Changes != nil {
		all = append(all, placed{&st.Changes.List, []any{"changes", "list"}, "changes"}, placed{&st.Changes.Fetch, []any{"changes", "fetch"}, "fetch"})
	}
	if st.Deletes != nil && st.Deletes.List != nil {
		all = append(all, placed{st.Deletes.List, []any{"deletes", "list"}, "gone"})
	}
	return all
}

// linter collects faults with their places.
type linter struct {
	api    *API
	faults []error
}

func (l *linter) wrong(english, chinese string, at ...any) {
	l.faults = append(l.faults, fault.New("E2328", l.api.doc.Place(at...), "what", english, "what_zh", chinese))
}

func (l *linter) missing(name string, at ...any) {
	l.faults = append(l.faults, fault.New("E1007", l.api.doc.Place(at...), "name", name))
}

func (api *API) lint() error {
	l := &linter{api: api}
	if len(api.Streams) == 0 {
		l.missing("streams")
	}
	if api.URL != "" {
		if u, err := url.Parse(api.URL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.User != nil {
			l.wrong("url is no address such as https://api.example/v1", "url 不是形如 https://api.example/v1 的地址", "url")
		}
	}
	if api.Charset != "" {
		if _, err := htmlindex.Get(api.Charset); err != nil {
			l.wrong("charset is unknown", "未知的 charset", "charset")
		}
	}
	l.auth()
	for i, r := range api.Errors {
		switch {
		case r.Means == "":
			l.missing("means", "errors", i)
		case len(r.Status) == 0 && r.Field == "":
			l.wrong("a rule needs status or field", "规则需要 status 或 field", "errors", i)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(api.Streams)) {
		if api.Streams[name] == nil {
			l.missing("list", "streams", name)
			continue
		}
		l.stream(name, api.Streams[name])
	}
	switch {
	case api.Check != nil:
		l.call(api.Check, "check", nil, "check")
	case len(l.faults) == 0 && !api.looks():
		l.wrong("streams that are all read by jobs need a check", "所有数据流都由任务读取时，需要 check", "streams")
	}
	return errors.Join(l.faults...)
}

// looks reports whether a stream can be asked for a first record without more ado.
func (api *API) looks() bool {
	for _, st := range api.Streams {
		if st.Parent == nil && st.List.Job == nil {
			return true
		}
	}
	return false
}

func (l *linter) auth() {
	a := l.api.Auth
	switch a.Type {
	case AuthHeader, AuthQuery:
		if a.Name == "" {
			l.missing("name", "auth")
		}
	case AuthOAuth2:
		if a.TokenURL == "" {
			l.missing("token_url", "auth")
		}
	case AuthSession:
		if a.Login == nil {
			l.missing("login", "auth")
			return
		}
		if a.Token == "" && a.In != AuthInCookie {
			l.missing("token", "auth")
		}
		if a.Name == "" && (a.In == AuthInQuery || a.In == AuthInBody) {
			l.missing("name", "auth")
		}
		l.call(a.Login, "login", nil, "auth", "login")
	}
}

func (l *linter) stream(name string, st *Stream) {
	at := []any{"streams", name}
	if st.List.Path == "" && !l.api.doc.Has("streams", name, "list") {
		l.missing("list", at...)
		return
	}
	for _, c := range st.calls() {
		l.call(c.call, c.kind, st, append(slices.Clone(at), c.at...)...)
	}
	if st.Cursor != nil {
		l.cursor(st, st.Cursor, append(slices.Clone(at), "cursor"))
	}
	if ch := st.Changes; ch != nil {
		if ch.ID == "" {
			l.missing("id", append(slices.Clone(at), "changes")...)
		}
		if ch.Cursor.Field == "" {
			l.missing("cursor", append(slices.Clone(at), "changes")...)
		}
		if st.Parent != nil {
			l.wrong("a stream has changes or a parent, not both", "数据流不能同时有 changes 和 parent", append(slices.Clone(at), "changes")...)
		}
	}
	if d := st.Deletes; d != nil && d.Field == "" && d.List == nil {
		l.wrong("deletes needs field or list", "deletes 需要 field 或 list", append(slices.Clone(at), "deletes")...)
	}
	if (st.Reread != nil || st.FullEvery > 0) && st.Cursor == nil {
		l.wrong("reread and full_every go with a cursor", "reread 与 full_every 需要 cursor", at...)
	}
	if st.DetailAs != "" && st.Detail == nil {
		l.wrong("detail_as goes with a detail", "detail_as 需与 detail 同时使用", at...)
	}
	l.parent(name, st)
}

func (l *linter) parent(name string, st *Stream) {
	if st.Parent == nil {
		return
	}
	seen := []string{name}
	for p := st.Parent; p != nil; {
		parent, known := l.api.Streams[p.Stream]
		switch {
		case !known || parent == nil:
			en, zh := nearBy(fault.Nearest(p.Stream, slices.Sorted(maps.Keys(l.api.Streams))))
			l.wrong("there is no stream \""+p.Stream+"\""+en, "没有数据流“"+p.Stream+"”"+zh, "streams", name, "parent", "stream")
			return
		case slices.Contains(seen, p.Stream):
			l.wrong("a stream is its own parent", "数据流以自身为上级", "streams", name, "parent", "stream")
			return
		}
		seen = append(seen, p.Stream)
		p = parent.Parent
	}
}

func (l *linter) cursor(st *Stream, c *Cursor, at []any) {
	if c.Field == "" && (c.Param == "" || c.Format == Number || c.Window > 0) {
		l.missing("field", at...)
	}
	asks := c.Param != "" || c.Order == Descending || st.Incremental != nil
	for _, name := range st.List.placeholders() {
		asks = asks || name == "since"
	}
	if !asks {
		l.wrong("nothing asks for the cursor: give param, {since} in the list, incremental, or order: desc", "没有任何地方使用该游标：请填写 param、在 list 中使用 {since}、incremental，或 order: desc", at...)
	}
	if (c.Closed || c.Covered != "") && c.Window == 0 {
		l.wrong("closed and covered go with a window", "closed 和 covered 需与 window 同时使用", at...)
	}
	if c.Window > 0 && c.Start == "" && c.Reach == 0 {
		l.wrong("a window needs start or reach", "window 需要 start 或 reach", at...)
	}
	if c.Zone != "" {
		if _, err := time.LoadLocation(c.Zone); err != nil {
			l.wrong("zone is no IANA name such as Asia/Shanghai", "zone 不是形如 Asia/Shanghai 的 IANA 时区名", append(slices.Clone(at), "zone")...)
		}
	}
}

func (l *linter) call(c *Call, kind string, st *Stream, at ...any) {
	under := func(names ...any) []any { return append(slices.Clone(at), names...) }
	if c.Body != nil && (c.Form != nil || c.Method == "GET") {
		l.wrong("a body goes with POST, and not with form", "body 需用 POST，且不能与 form 同时使用", under("body")...)
	}
	l.templates(c, kind, st, at)
	l.paging(c, st, under("paging"))
	if n := c.Nested; n != nil {
		for name, v := range map[string]string{"parent": n.Parent, "into": n.Into} {
			if v == "" {
				l.missing(name, under("nested")...)
			}
		}
		if c.Format != Lines {
			l.wrong("nested needs format: jsonl", "nested 需要 format: jsonl", under("nested")...)
		}
	}
	if j := c.Job; j != nil {
		for name, v := range map[string]string{"id": j.ID, "status": j.Status} {
			if v == "" {
				l.missing(name, under("job")...)
			}
		}
		if len(j.Done) == 0 {
			l.missing("done", under("job")...)
		}
		l.call(&j.Poll, "job", st, under("job", "poll")...)
		l.call(&j.Result, "job", st, under("job", "result")...)
	}
}

func (l *linter) paging(c *Call, st *Stream, at []any) {
	p := c.Paging
	need := func(name, v string) {
		if v == "" {
			l.wrong("paging by "+string(p.Type)+" needs "+name, string(p.Type)+" 分页需要 "+name, at...)
		}
	}
	switch p.Type {
	case PagingToken:
		need("param", p.Param)
		need("next", p.Next)
	case PagingNextURL:
		need("next", p.Next)
	case PagingKeyset:
		need("param", p.Param)
		need("key", p.Key)
	case PagingOffset, PagingPage:
		need("param", p.Param)
	case PagingReverse:
		need("param", p.Param)
		if p.Pages == "" && (p.Total == "" || p.Size == 0) {
			need("pages (or total and size)", "")
		}
	}
	if p.SizeParam != "" && p.Size <= 0 {
		need("size", "")
	}
	if p.In == InBody && c.Body == nil && c.Form == nil {
		l.wrong("in: body needs a body or form", "in: body 需要 body 或 form", at...)
	}
	var cursor *Cursor
	if st != nil {
		if cursor = st.Cursor; st.Changes != nil && c == &st.Changes.List {
			cursor = &st.Changes.Cursor
		}
	}
	if p.Cap > 0 && (cursor == nil || cursor.Window == 0 && cursor.Order != Ascending) {
		l.wrong("cap needs a cursor with order: asc or a window", "cap 需要带有 order: asc 或 window 的游标", at...)
	}
}

var anyBraces = regexp.MustCompile(`\{([^{}\s]*)\}`)

// templates holds that every placeholder of a path or parameter has a value.
func (l *linter) templates(c *Call, kind string, st *Stream, at []any) {
	known := []string{"since", "until", "size"}
	switch kind {
	case "fetch":
		known = append(known, "changed")
	case "job":
		known = append(known, "job")
	case "login":
		known = append(known, "secret.username", "secret.password")
	}
	for name := range l.api.Settings {
		known = append(known, "setting."+name)
	}
	check := func(s string, key string) {
		for _, m := range anyBraces.FindAllStringSubmatch(s, -1) {
			if slices.Contains(known, m[1]) || strings.HasPrefix(m[1], "parent.") && st != nil && st.Parent != nil && len(m[1]) > 7 ||
				strings.HasPrefix(m[1], "record.") && kind == "detail" && len(m[1]) > 7 {
				continue
			}
			near := fault.Nearest(m[1], known)
			if near != "" {
				near = "{" + near + "}"
			}
			en, zh := nearBy(near)
			l.wrong("{"+m[1]+"} has no value here"+en, "此处 {"+m[1]+"} 没有值"+zh, append(slices.Clone(at), key)...)
		}
	}
	check(c.Path, "path")
	for _, name := range slices.Sorted(maps.Keys(c.Query)) {
		check(c.Query[name], "query")
	}
}

// nearBy names the nearest word in brackets, in English and Chinese: nothing
// where none is near.
func nearBy(near string) (english, chinese string) {
	if near == "" {
		return "", ""
	}
	return " (nearest: " + near + ")", "(最接近的是：" + near + ")"
}
