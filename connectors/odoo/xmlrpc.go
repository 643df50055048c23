package odoo

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// encodeCall writes a call of XML-RPC.
func encodeCall(method string, args []any) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0"?><methodCall><methodName>` + method + `</methodName><params>`)
	for _, a := range args {
		b.WriteString("<param>")
		encodeValue(&b, a)
		b.WriteString("</param>")
	}
	b.WriteString("</params></methodCall>")
	return b.Bytes()
}

// encodeValue writes a value: those that calls are made of.
func encodeValue(b *bytes.Buffer, v any) {
	b.WriteString("<value>")
	defer b.WriteString("</value>")
	switch v := v.(type) {
	case string:
		b.WriteString("<string>")
		// EscapeText fails only where the writer does.
		if xml.EscapeText(b, []byte(v)) == nil {
			b.WriteString("</string>")
		}
	case bool:
		n := 0
		if v {
			n = 1
		}
		fmt.Fprintf(b, "<boolean>%d</boolean>", n)
	case int:
		fmt.Fprintf(b, "<int>%d</int>", v)
	case int64:
		fmt.Fprintf(b, "<int>%d</int>", v)
	case json.Number:
		b.WriteString("<int>" + v.String() + "</int>")
	case domain:
		encodeList(b, v)
	case []string:
		encodeList(b, v)
	case []int64:
		encodeList(b, v)
	case []any:
		encodeList(b, v)
	case row:
		b.WriteString("<struct>")
		for _, name := range slices.Sorted(maps.Keys(v)) {
			b.WriteString("<member><name>" + name + "</name>")
			encodeValue(b, v[name])
			b.WriteString("</member>")
		}
		b.WriteString("</struct>")
	}
}

func encodeList[T any](b *bytes.Buffer, list []T) {
	b.WriteString("<array><data>")
	for _, x := range list {
		encodeValue(b, x)
	}
	b.WriteString("</data></array>")
}

var errXML = errors.New("the answer is not XML-RPC")

// mostNested bounds how deep an answer may be nested.
const mostNested = 100

// decodeAnswer reads an answer of XML-RPC: its value, or the code of the fault
// that it is.
func decodeAnswer(r io.Reader) (v any, fail string, err error) {
	d := xml.NewDecoder(r)
	inFault := false
	for {
		t, err := d.Token()
		if err != nil {
			return nil, "", errors.Join(errXML, err)
		}
		start, ok := t.(xml.StartElement)
		switch {
		case !ok:
		case start.Name.Local == "fault":
			inFault = true
		case start.Name.Local == "value":
			v, err := decodeValue(d, 0)
			if err != nil || !inFault {
				return v, "", err
			}
			m, _ := v.(row)
			switch code := m["faultCode"].(type) {
			case json.Number:
				return nil, code.String(), nil
			case string:
				return nil, code, nil
			}
			return nil, "-", nil
		}
	}
}

// decodeValue reads what stands in <value>, up to its end.
func decodeValue(d *xml.Decoder, depth int) (any, error) {
	if depth > mostNested {
		return nil, errXML
	}
	var text strings.Builder
	var v any
	typed := false
	for {
		t, err := d.Token()
		if err != nil {
			return nil, errors.Join(errXML, err)
		}
		switch t := t.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			if !typed {
				return text.String(), nil // a value without a type is text
			}
			return v, nil
		case xml.StartElement:
			if typed {
				return nil, errXML
			}
			typed = true
			if v, err = decodeTyped(d, t.Name.Local, depth); err != nil {
				return nil, err
			}
		}
	}
}

func decodeTyped(d *xml.Decoder, kind string, depth int) (any, error) {
	switch kind {
	case "array":
		return decodeArray(d, depth)
	case "struct":
		return decodeStruct(d, depth)
	}
	text, err := decodeText(d)
	if err != nil {
		return nil, err
	}
	switch kind {
	case "nil":
		return nil, nil
	case "boolean":
		return strings.TrimSpace(text) == "1", nil
	case "int", "i4", "i8", "double":
		// inf and nan, which JSON has not, are no values.
		n := strings.TrimSpace(text)
		if _, err := strconv.ParseFloat(n, 64); err != nil || !json.Valid([]byte(n)) {
			return nil, nil
		}
		return json.Number(n), nil
	case "string", "dateTime.iso8601", "base64":
		return text, nil
	}
	return nil, errXML
}

// decodeText reads text up to the end of its element.
func decodeText(d *xml.Decoder) (string, error) {
	var text strings.Builder
	for {
		t, err := d.Token()
		if err != nil {
			return "", errors.Join(errXML, err)
		}
		switch t := t.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			return text.String(), nil
		case xml.StartElement:
			return "", errXML
		}
	}
}

func decodeArray(d *xml.Decoder, depth int) (any, error) {
	out := []any{}
	for {
		t, err := d.Token()
		if err != nil {
			return nil, errors.Join(errXML, err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local != "value" {
				continue // data
			}
			v, err := decodeValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		case xml.EndElement:
			if t.Name.Local == "array" {
				return out, nil
			}
		}
	}
}

func decodeStruct(d *xml.Decoder, depth int) (any, error) {
	out, name := row{}, ""
	for {
		t, err := d.Token()
		if err != nil {
			return nil, errors.Join(errXML, err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "name":
				if name, err = decodeText(d); err != nil {
					return nil, err
				}
			case "value":
				if out[name], err = decodeValue(d, depth+1); err != nil {
					return nil, err
				}
			}
		case xml.EndElement:
			if t.Name.Local == "struct" {
				return out, nil
			}
		}
	}
}
