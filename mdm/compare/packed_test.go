package compare_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"

	"crmhub/mdm/compare"
	"crmhub/mdm/standardize"
	"crmhub/mdm/synthetic"
	"crmhub/record"
)

var update = flag.Bool("update", false, "rewrite testdata/packed.golden for a new version")

// customer is a row of the generator, as its mapping has it.
func customer(row *synthetic.Row) record.Fields {
	f, street := record.Fields{}, map[string]any{}
	for i, name := range synthetic.Header() {
		switch v := row.Fields[i]; {
		case v == "":
		case name == "phone" || name == "email":
			f[name+"s"] = []any{v}
		case name == "street" || name == "city" || name == "postcode" || name == "country":
			street[name] = v
		default:
			f[name] = v
		}
	}
	if len(street) > 0 {
		f["addresses"] = []any{street}
	}
	return f
}

func customers(t testing.TB, n int) []record.Fields {
	t.Helper()
	g, err := synthetic.New(synthetic.Options{Rows: int64(n), Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	all := make([]record.Fields, n)
	for i := range all {
		row := g.Row(int64(i))
		all[i] = customer(&row)
	}
	return all
}

// snippets are texts that reading values goes by, and what breaks it.
var snippets = strings.Split("王|欧阳|伟|娜娜|先生|女士|经理|劉德華|Smith|SMITH-JONES|van der|Berg|O'Neil|Xiao|Ming|Wang|J.|Dr.|Jr.|,|(|)|[|*|·|n/a|无|測試|unknown|\x00|é|ß|ǅ|\u200b|\u3000|１２３|-|'|.|@|+|info|sales|noreply|example.com|qq.com|13800138000|+86 138 1234 5678|021-6288 1234|12345678|000000|SW1A 1AA|100000-1234|1900-01-01|1984-02-30|1984-12-03|9999-12-31|市|省|区|县|路|号|栋|High St|221b|Baker|有限公司|股份|分公司|(上海)|Ltd|GmbH|Branch|Acme|11010519491231002X|91350100M000100Y43|AAAA|wechat|openid|male|female|organisation|person", "|")

// random makes fields of snippets: what no customer has, mostly.
func random(r *rand.Rand) record.Fields {
	text := func() any {
		if r.IntN(12) == 0 {
			return []any{nil, true, json.Number("7"), []any{"x"}, map[string]any{}, strings.Repeat("long ", r.IntN(3000))}[r.IntN(6)]
		}
		var b strings.Builder
		for range 1 + r.IntN(5) {
			b.WriteString(snippets[r.IntN(len(snippets))])
			b.WriteString([]string{"", " "}[r.IntN(2)])
		}
		return b.String()
	}
	list := func(one func() any) any {
		n := r.IntN(4)
		if r.IntN(20) == 0 {
			n = 30
		}
		all := make([]any, n)
		for i := range all {
			all[i] = one()
		}
		return all
	}
	f := record.Fields{}
	for _, name := range compare.Attributes() {
		if r.IntN(3) == 0 {
			continue
		}
		switch name {
		case "emails", "phones":
			f[name] = list(text)
		case "addresses":
			f[name] = list(func() any {
				return map[string]any{"street": text(), "district": text(), "city": text(), "region": text(), "postcode": text()}
			})
		case "social_ids":
			f[name] = list(func() any { return map[string]any{"kind": text(), "id": text()} })
		default:
			f[name] = text()
		}
	}
	return f
}

// TestPackedFeaturesAreTheFeatures holds that what is packed when a record lands gives the
// features that its fields give: the very same values of one dictionary, and so the same levels
// with any other record.
func TestPackedFeaturesAreTheFeatures(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	all := customers(t, 5000)
	for range 5000 {
		all = append(all, random(r))
	}
	d, landing := compare.NewDictionary(flat{}), compare.NewTransient().Own()
	var scratch compare.Features
	made, read := make([]*compare.Features, len(all)), make([]*compare.Features, len(all))
	packed, left := 0, 0
	for i, f := range all {
		landing.Fill(&scratch, f)
		made[i] = d.New(f)
		bytes := scratch.AppendPacked(nil)
		if len(bytes) == 0 {
			left++
			read[i] = made[i]
			continue
		}
		packed += len(bytes)
		var ok bool
		if read[i], ok = d.Unpack(bytes); !ok {
			t.Fatalf("%q: Unpack reads nothing of %x", f, bytes)
		}
		if !reflect.DeepEqual(made[i], read[i]) || made[i].Fingerprint() != read[i].Fingerprint() {
			t.Fatalf("%q: got %q of %x, want %q", f, read[i].Fingerprint(), bytes, made[i].Fingerprint())
		}
		if again := read[i].AppendPacked(nil); string(again) != string(bytes) {
			t.Fatalf("%q: packed again it is %x, want %x", f, again, bytes)
		}
	}
	if left == 0 || left > len(all)/10 {
		t.Errorf("%d of %d records are too large, want some", left, len(all))
	}
	for range 200_000 {
		i, j := r.IntN(len(all)), r.IntN(len(all))
		var v, w compare.Vector
		compare.Compare(made[i], made[j], &v)
		if compare.Compare(read[i], made[j], &w); v != w {
			t.Fatalf("%q and %q: got %v, want %v", all[i], all[j], w, v)
		}
	}
}

// TestPackedVersion holds the packed form to its version: whoever changes what is made of fields
// makes a new version, for what stands in stores would otherwise be taken for the same.
func TestPackedVersion(t *testing.T) {
	const path = "testdata/packed.golden"
	raw, err := os.ReadFile(path)
	if err != nil && !*update {
		t.Fatal(err)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "tables %x\n", tables(t))
	changed := !bytes.HasPrefix(raw, out.Bytes())
	d := compare.NewDictionary(flat{})
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for lines.Scan() {
		in, want, found := strings.Cut(lines.Text(), "\t")
		if !found {
			continue
		}
		var f record.Fields
		if err := json.Unmarshal([]byte(in), &f); err != nil {
			t.Fatal(err)
		}
		got := hex.EncodeToString(d.New(f).AppendPacked(nil))
		if fmt.Fprintf(&out, "%s\t%s\n", in, got); got == want {
			continue
		}
		if changed = true; !*update {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
		if *update && got[:2] == want[:2] {
			t.Fatalf("%s gives other features: raise packedVersion first", in)
		}
	}
	switch {
	case *update:
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	case changed:
		t.Errorf("other features than %s has: raise packedVersion, then go test ./mdm/compare -run PackedVersion -update", path)
	}
}

// tables is a hash of what the tables of characters, names and places make of each of their words.
func tables(t *testing.T) []byte {
	t.Helper()
	sum := sha256.New()
	d := compare.NewTransient().Own()
	var x compare.Features
	var packed []byte
	look := func(word string) {
		d.Fill(&x, record.Fields{
			"full_name": word, "organisation": word + " Acme", "emails": []any{standardize.GivenPinyin(word) + "1@x.cn"},
			"addresses": []any{map[string]any{"street": word + "1", "district": word, "city": word + "市", "region": word, "postcode": word}},
		})
		packed = x.AppendPacked(packed[:0])
		d.Fill(&x, record.Fields{"full_name": "Anna " + word, "organisation": word, "emails": []any{word + "@x.cn"}})
		packed = x.AppendPacked(packed)
		d.Fill(&x, record.Fields{"full_name": "王" + word, "family_name": word, "given_name": "Ming"})
		sum.Write(x.AppendPacked(packed))
	}
	for c := rune(0x20); c < 0xA000; c++ {
		if c < 0x3400 || c >= 0x4E00 {
			look(string(c))
		}
	}
	for _, path := range []string{"nicknames.txt", "romanised.txt", "../standardize/china.txt", "../standardize/simplified.txt"} {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for word := range strings.FieldsSeq(string(raw)) {
			look(word)
		}
	}
	return sum.Sum(nil)
}

func FuzzUnpack(f *testing.F) {
	d := compare.NewDictionary(flat{})
	for _, fields := range customers(f, 20) {
		f.Add(d.New(fields).AppendPacked(nil))
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		f.Add(d.New(random(r)).AppendPacked(nil))
	}
	f.Fuzz(func(t *testing.T, packed []byte) {
		x, ok := d.Unpack(packed)
		if !ok {
			return
		}
		again, ok := d.Unpack(x.AppendPacked(nil))
		if ok && again.Fingerprint() != x.Fingerprint() {
			t.Errorf("%x: got %q, want %q", packed, again.Fingerprint(), x.Fingerprint())
		}
		var v compare.Vector
		compare.Compare(x, x, &v)
	})
}

func BenchmarkUnpack(b *testing.B) {
	d := compare.NewDictionary(flat{})
	var all [][]byte
	size := 0
	for _, f := range customers(b, 1000) {
		all = append(all, d.New(f).AppendPacked(nil))
		size += len(all[len(all)-1])
	}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := d.Unpack(all[i%len(all)]); !ok {
			b.Fatal("not read")
		}
		i++
	}
	b.ReportMetric(float64(size)/float64(len(all)), "B/record")
}

// BenchmarkFill makes features as landing does.
func BenchmarkFill(b *testing.B) {
	all := customers(b, 5000)
	d := compare.NewTransient().Own()
	var x compare.Features
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		d.Fill(&x, all[i%len(all)])
		i++
	}
}
