package sqldb

import "time"

// AppendNumber, AppendTime, ParseArray and Undo are the parsers, for fuzzing.
var (
	AppendNumber = appendNumber
	AppendTime   = appendTime
)

// ParseArray reads an array of texts.
func ParseArray(s string) ([]any, bool) { return parseArray(s, kindText, time.UTC) }

// Undo undoes a double encoding.
func Undo(name string, text []byte) ([]byte, bool) { return repairs(name).append(nil, text) }

// Earlier moves a text cursor back, as an overlap does.
func Earlier(s string, d time.Duration) string { return textValue(s).earlier(d, time.UTC).Text }
