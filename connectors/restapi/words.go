package restapi

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Method is a request's method.
type Method string

// Words lists the methods.
func (Method) Words() []string { return []string{"GET", "POST"} }

// Format is how an answer is written.
type Format string

// The formats of answers: one JSON document, one JSON object a line, or CSV
// with a header.
const (
	JSON  Format = "json"
	Lines Format = "jsonl"
	CSV   Format = "csv"
)

// Words lists the formats.
func (Format) Words() []string { return []string{string(JSON), string(Lines), string(CSV)} }

// PagingType is a way of paging.
type PagingType string

// The ways of paging.
const (
	PagingNone    PagingType = "none"
	PagingOffset  PagingType = "offset"   // a count of rows to pass over
	PagingPage    PagingType = "page"     // a page's number
	PagingToken   PagingType = "token"    // an opaque token in the answer
	PagingNextURL PagingType = "next_url" // the next page's address in the answer
	PagingLink    PagingType = "link"     // a Link header with rel=next
	PagingKeyset  PagingType = "keyset"   // the last record's key
	PagingReverse PagingType = "reverse"  // page numbers from the last to the first
)

// Words lists the ways of paging.
func (PagingType) Words() []string {
	return []string{
		string(PagingNone), string(PagingOffset), string(PagingPage), string(PagingToken), string(PagingNextURL),
		string(PagingLink), string(PagingKeyset), string(PagingReverse),
	}
}

// In is where a paging parameter goes.
type In string

// The places of a paging parameter. In the body, Param is a path in it.
const (
	InQuery In = "query"
	InBody  In = "body"
)

// Words lists the places.
func (In) Words() []string { return []string{string(InQuery), string(InBody)} }

// Moment is how a cursor is written in requests. Answers are read whatever
// the way they are written in.
type Moment string

// The ways of writing a cursor.
const (
	RFC3339     Moment = "rfc3339"    // 2026-01-02T03:04:05Z
	RFC3339Ms   Moment = "rfc3339_ms" // 2026-01-02T03:04:05.678Z
	DateTime    Moment = "datetime"   // 2026-01-02 03:04:05 in the cursor's zone
	DateTimeT   Moment = "datetime_t" // 2026-01-02T03:04:05 in the cursor's zone
	Compact     Moment = "compact"    // 20260102030405 in the cursor's zone
	DateOnly    Moment = "date"
	DateCompact Moment = "date_compact" // 20260102
	HTTPDate    Moment = "http"         // Fri, 02 Jan 2026 03:04:05 GMT, for If-Modified-Since
	UnixSeconds Moment = "unix"
	UnixMillis  Moment = "unix_ms"
	Number      Moment = "number" // no time: a version or running id
)

// Words lists the ways of writing a cursor.
func (Moment) Words() []string {
	return []string{
		string(RFC3339), string(RFC3339Ms), string(DateTime), string(DateTimeT), string(Compact), string(DateOnly),
		string(DateCompact), string(HTTPDate), string(UnixSeconds), string(UnixMillis), string(Number),
	}
}

// Order is the order of a list by its cursor.
type Order string

// The orders of a list. Descending without a parameter for {since} means that
// reading may stop at the first older record.
const (
	Unordered  Order = "none"
	Ascending  Order = "asc"
	Descending Order = "desc"
)

// Words lists the orders.
func (Order) Words() []string {
	return []string{string(Unordered), string(Ascending), string(Descending)}
}

// AuthType is a way of proving who asks.
type AuthType string

// The ways of proving who asks.
const (
	AuthNone   AuthType = "none"
	AuthBasic  AuthType = "basic"
	AuthBearer AuthType = "bearer"
	AuthHeader AuthType = "header"
	AuthQuery  AuthType = "query"
	AuthOAuth2 AuthType = "oauth2"
	// AuthSession logs in by a call of the API's own.
	AuthSession AuthType = "session"
)

// Words lists the ways of proving who asks.
func (AuthType) Words() []string {
	return []string{string(AuthNone), string(AuthBasic), string(AuthBearer), string(AuthHeader), string(AuthQuery), string(AuthOAuth2), string(AuthSession)}
}

// AuthIn is where a session's token goes.
type AuthIn string

// The places of a session's token. A cookie is whatever the login sets.
const (
	AuthInHeader AuthIn = "header"
	AuthInQuery  AuthIn = "query"
	AuthInBody   AuthIn = "body"
	AuthInCookie AuthIn = "cookie"
)

// Words lists the places.
func (AuthIn) Words() []string {
	return []string{string(AuthInHeader), string(AuthInQuery), string(AuthInBody), string(AuthInCookie)}
}

// Grant is an OAuth 2 grant.
type Grant string

// The grants: RFC 6749 §4.3, §4.4 and §6, RFC 7523 §2.1.
const (
	GrantClient   Grant = "client_credentials"
	GrantRefresh  Grant = "refresh_token"
	GrantPassword Grant = "password"
	GrantJWT      Grant = "jwt"
)

// Words lists the grants.
func (Grant) Words() []string {
	return []string{string(GrantClient), string(GrantRefresh), string(GrantPassword), string(GrantJWT)}
}

// ClientIn is where an OAuth 2 client's id and secret go.
type ClientIn string

// Words lists the places.
func (ClientIn) Words() []string { return []string{"body", "basic"} }

// Algorithm signs a JWT.
type Algorithm string

// Words lists the algorithms.
func (Algorithm) Words() []string { return []string{"RS256", "ES256", "HS256"} }

// Meaning is what an unusual answer means.
type Meaning string

// The meanings of answers.
const (
	Throttled Meaning = "throttled" // wait and ask again
	Temporary Meaning = "temporary" // ask again
	Refused   Meaning = "refused"   // the credentials are wrong
	Forbidden Meaning = "forbidden" // a right is missing
	Empty     Meaning = "empty"     // there are no records
	Expired   Meaning = "expired"   // the position is too old: read anew
	TooMany   Meaning = "too_many"  // ask for a shorter window
	Failed    Meaning = "failed"    // an error of the request
)

// Words lists the meanings.
func (Meaning) Words() []string {
	return []string{
		string(Throttled), string(Temporary), string(Refused), string(Forbidden), string(Empty), string(Expired), string(TooMany),
		string(Failed),
	}
}

// Rate is how many requests may be made in a time; none where N is 0.
type Rate struct {
	N   int64
	Per time.Duration
}

var errRate = errors.New("not a rate")

// UnmarshalText reads 5/s, 300/m or 1000/h.
func (r *Rate) UnmarshalText(text []byte) error {
	number, unit, ok := strings.Cut(strings.TrimSpace(string(text)), "/")
	n, err := strconv.ParseInt(number, 10, 64)
	per := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[unit]
	if !ok || err != nil || n <= 0 || per == 0 {
		return errRate
	}
	*r = Rate{n, per}
	return nil
}

// Want says what a rate looks like.
func (*Rate) Want() string { return "a rate such as 5/s, 300/m or 1000/h" }

// interval is the least time between two requests.
func (r Rate) interval() time.Duration {
	if r.N == 0 {
		return 0
	}
	return r.Per / time.Duration(r.N)
}
