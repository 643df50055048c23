package mongodb

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/bson"

	"go.mongodb.org/mongo-driver/bson/primitive"
	"go.mongodb.org/mongo-driver/x/bsonx/bsoncore"
)

var (
	errCut  = errors.New("the document is cut")
	errDeep = errors.New("the document nests too deep")
	errText = errors.New("a text is not UTF-8")
)

// deepest is how deep documents may nest; MongoDB itself allows 100.
const deepest = 128

// document decodes BSON to a map.
func document(raw []byte, depth int) (map[string]any, error) {
	if depth > deepest {
		return nil, errDeep
	}
	elements, err := body(raw)
	if err != nil {
		return nil, err
	}
	out := make(map[string]any, 12)
	for len(elements) > 1 {
		e, rest, ok := bsoncore.ReadElement(elements)
		if !ok {
			return nil, errCut
		}
		elements = rest
		v, err := e.ValueErr()
		if err != nil {
			return nil, errCut
		}
		name, err := e.KeyErr()
		if err != nil {
			return nil, errCut
		}
		if out[name], err = decode(v, depth); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func list(raw []byte, depth int) ([]any, error) {
	if depth > deepest {
		return nil, errDeep
	}
	elements, err := body(raw)
	if err != nil {
		return nil, err
	}
	out := []any{}
	for len(elements) > 1 {
		e, rest, ok := bsoncore.ReadElement(elements)
		if !ok {
			return nil, errCut
		}
		elements = rest
		v, err := e.ValueErr()
		if err != nil {
			return nil, errCut
		}
		x, err := decode(v, depth)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// body returns the elements of a document and the zero byte behind them.
func body(raw []byte) ([]byte, error) {
	n, rest, ok := bsoncore.ReadLength(raw)
	if !ok || int(n) != len(raw) || n < 5 || raw[n-1] != 0 {
		return nil, errCut
	}
	return rest, nil
}

// decode returns a value as decoded JSON.
func decode(v bsoncore.Value, depth int) (any, error) {
	if err := v.Validate(); err != nil {
		return nil, errCut
	}
	switch v.Type {
	case bson.TypeDouble:
		f := v.Double()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return strconv.FormatFloat(f, 'g', -1, 64), nil
		}
		format := byte('f')
		if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
			format = 'e'
		}
		return json.Number(strconv.FormatFloat(f, format, -1, 64)), nil
	case bson.TypeString:
		return text(v.StringValue())
	case bson.TypeEmbeddedDocument:
		return document(v.Data, depth+1)
	case bson.TypeArray:
		return list(v.Data, depth+1)
	case bson.TypeBinary:
		kind, data := v.Binary()
		if (kind == bson.TypeBinaryUUID || kind == bson.TypeBinaryUUIDOld) && len(data) == 16 {
			return uuid(data), nil
		}
		return base64.StdEncoding.EncodeToString(data), nil
	case bson.TypeObjectID:
		return v.ObjectID().Hex(), nil
	case bson.TypeBoolean:
		return v.Boolean(), nil
	case bson.TypeDateTime:
		return time.UnixMilli(v.DateTime()).UTC().Format(time.RFC3339Nano), nil
	case bson.TypeRegex:
		pattern, opts := v.Regex()
		return text("/" + pattern + "/" + opts)
	case bson.TypeDBPointer:
		ns, id := v.DBPointer()
		return map[string]any{"$ref": ns, "$id": id.Hex()}, nil
	case bson.TypeJavaScript:
		return text(v.JavaScript())
	case bson.TypeSymbol:
		return text(v.Symbol())
	case bson.TypeCodeWithScope:
		code, _ := v.CodeWithScope()
		return text(code)
	case bson.TypeInt32:
		return json.Number(strconv.FormatInt(int64(v.Int32()), 10)), nil
	case bson.TypeTimestamp:
		seconds, _ := v.Timestamp()
		return time.Unix(int64(seconds), 0).UTC().Format(time.RFC3339), nil
	case bson.TypeInt64:
		return json.Number(strconv.FormatInt(v.Int64(), 10)), nil
	case bson.TypeDecimal128:
		return decimal(v.Decimal128()), nil
	case bson.TypeMinKey:
		return "MinKey", nil
	case bson.TypeMaxKey:
		return "MaxKey", nil
	}
	return nil, nil // null and undefined
}

func text(s string) (any, error) {
	if !utf8.ValidString(s) {
		return nil, errText
	}
	return s, nil
}

func uuid(b []byte) string {
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// decimal keeps every digit of a Decimal128, zeros behind the point too, and
// writes out an exponent as far as money goes.
func decimal(d primitive.Decimal128) any {
	if d.IsNaN() || d.IsInf() != 0 {
		return d.String()
	}
	n, exp, err := d.BigInt()
	if err != nil {
		return d.String()
	}
	high, _ := d.GetBytes()
	sign := ""
	if high>>63 == 1 {
		sign = "-"
	}
	digits := new(big.Int).Abs(n).String()
	switch {
	case exp < -40 || exp > 40:
		return json.Number(sign + digits + "E" + strconv.Itoa(exp))
	case exp >= 0:
		if digits != "0" {
			digits += strings.Repeat("0", exp)
		}
		return json.Number(sign + digits)
	}
	if zeros := -exp - len(digits) + 1; zeros > 0 {
		digits = strings.Repeat("0", zeros) + digits
	}
	point := len(digits) + exp
	return json.Number(sign + digits[:point] + "." + digits[point:])
}
