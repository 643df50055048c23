package mdm

import (
	_ "embed"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"crmhub/fault"
	"crmhub/fault/yamlfile"
	"crmhub/mdm/block"
	"crmhub/mdm/compare"
	"crmhub/mdm/fellegisunter"
	"crmhub/mdm/match"
	"crmhub/mdm/survive"
	"crmhub/record"
)

//go:embed customer.yaml
var customerModel []byte

// Model is a match model: how records are found, compared and weighed, and
// which values survive. It is fixed: nothing in it depends on what a store
// holds. Safe for concurrent use.
type Model struct {
	version  string
	records  int64
	prior    float64
	maxBlock int
	clip     [2]fellegisunter.Bits
	// within is the prior of two records of one component.
	within      fellegisunter.Bits
	blocks      *block.Rules
	weights     *fellegisunter.Weights
	frequencies *fellegisunter.Frequencies
	rules       match.Rules
	survive     survive.Rules
	keys        sync.Pool // of *keys
}

// file is a model file as it is written.
type file struct {
	Version    string     `yaml:"version"`
	Salt       string     `yaml:"salt"`
	Prior      float64    `yaml:"prior"`
	Records    int64      `yaml:"records"`
	Thresholds thresholds `yaml:"thresholds"`
	Component  float64    `yaml:"component_prior"`
	Clip       clip       `yaml:"clip"`
	Exact      []string   `yaml:"exact"`
	Blocks     [][]string `yaml:"blocks"`
	MaxBlock   int        `yaml:"max_block"`
	Guards     guards     `yaml:"guards"`

	Comparisons map[string]map[string]fellegisunter.Level `yaml:"comparisons"`
	Survive     survive.Rules                             `yaml:"survive"`
	Frequencies map[string]fellegisunter.Space            `yaml:"frequencies"`
}

type thresholds struct {
	Merge  float64 `yaml:"merge"`
	Review float64 `yaml:"review"`
}

type clip struct {
	Least float64 `yaml:"least"`
	Most  float64 `yaml:"most"`
}

type guards struct {
	Household float64 `yaml:"household"`
	Twins     float64 `yaml:"twins"`
	Name      float64 `yaml:"name"`
	Contact   float64 `yaml:"contact"`
}

// exactFields are the comparisons that may decide alone.
var exactFields = map[string]compare.Comparison{"national_id": compare.NationalID, "tax_id": compare.TaxID, "social_id": compare.SocialID, "email": compare.Email, "phone": compare.Phone}

var defaultModel = sync.OnceValues(func() (*Model, error) { return ParseModel("mdm/customer.yaml", customerModel) })

// DefaultModel returns the shipped model of customers.
func DefaultModel() *Model {
	m, err := defaultModel()
	if err != nil {
		panic(err) // the embedded file is tested
	}
	return m
}

// ParseModel reads a model file; place names it in faults: E10xx for its
// form, E6001 to E6004 for what it says. All faults found are joined.
func ParseModel(place string, data []byte) (*Model, error) {
	f, err := readModel(place, data)
	if err != nil {
		return nil, err
	}
	return f.model(), nil
}

// readModel reads and checks a model file.
func readModel(place string, data []byte) (*file, error) {
	doc, err := yamlfile.Parse(place, data)
	if err != nil {
		return nil, err
	}
	var f file
	if err := doc.Decode(&f); err != nil {
		return nil, err
	}
	return &f, errors.Join(check(doc, &f)...)
}

// model makes the model of a file that was checked.
func (f *file) model() *Model {
	bits := func(b float64) fellegisunter.Bits { return fellegisunter.Bits(b * 1000) }
	m := &Model{
		version: f.Version, records: f.Records, prior: f.Prior, maxBlock: f.MaxBlock, clip: [2]fellegisunter.Bits{bits(f.Clip.Least), bits(f.Clip.Most)}, within: bits(f.Component),
		blocks:      block.New(f.Blocks),
		weights:     fellegisunter.New(f.Comparisons, fellegisunter.Guards{Household: bits(f.Guards.Household), Twins: bits(f.Guards.Twins), Name: bits(f.Guards.Name), Contact: bits(f.Guards.Contact)}),
		frequencies: fellegisunter.NewFrequencies(f.Salt, f.Frequencies),
		rules:       match.Rules{Prior: bits(f.Prior), Merge: bits(f.Thresholds.Merge), Review: bits(f.Thresholds.Review)},
		survive:     f.Survive,
	}
	transient := compare.NewTransient()
	m.keys.New = func() any { return &keys{dictionary: transient.Own()} }
	for _, name := range f.Exact {
		m.rules.Exact = append(m.rules.Exact, exactFields[name])
	}
	return m
}

// check returns what is wrong with a model.
func check(doc *yamlfile.Doc, f *file) []error {
	var errs []error
	missing := func(field string, absent bool) {
		if absent {
			errs = append(errs, fault.New("E6004", doc.Place(), "field", field))
		}
	}
	missing("version", f.Version == "")
	missing("comparisons", len(f.Comparisons) == 0)
	missing("blocks", len(f.Blocks) == 0)
	missing("max_block", f.MaxBlock == 0)
	missing("clip", f.Clip == clip{})
	out := func(want string, wrong bool, path ...any) {
		if wrong {
			errs = append(errs, fault.New("E6002", doc.Place(path...), "field", dotted(path), "want", want))
		}
	}
	out("2 to 10000", f.MaxBlock != 0 && (f.MaxBlock < 2 || f.MaxBlock > 10000), "max_block")
	out("-60 to 0", f.Prior < -60 || f.Prior > 0, "prior")
	out("0 and more", f.Records < 0, "records")
	out("prior to 0", f.Component < f.Prior || f.Component > 0, "component_prior")
	out("-100 to 100", f.Thresholds.Merge < -100 || f.Thresholds.Merge > 100, "thresholds", "merge")
	out("at most merge", f.Thresholds.Review > f.Thresholds.Merge, "thresholds", "review")
	out("-1000 to 0", f.Clip.Least > 0 || f.Clip.Least < -1000, "clip", "least")
	out("0 to 1000", f.Clip.Most < 0 || f.Clip.Most > 1000, "clip", "most")
	for i, name := range f.Exact {
		if _, ok := exactFields[name]; !ok {
			errs = append(errs, unknown(doc, "exact", name, slices.Sorted(maps.Keys(exactFields)), "exact", i))
		}
	}
	errs = append(errs, checkBlocks(doc, f.Blocks)...)
	errs = append(errs, checkComparisons(doc, f.Comparisons)...)
	for _, space := range slices.Sorted(maps.Keys(f.Frequencies)) {
		s := f.Frequencies[space]
		out("more than 0 and at most 1", s.Default <= 0 || s.Default > 1, "frequencies", space, "default")
		out("0 to 1", s.DefaultHan < 0 || s.DefaultHan > 1, "frequencies", space, "default_han")
		for h, share := range s.Values {
			out("more than 0 and at most 1, under a hash of 16 hexadecimal digits", share <= 0 || share > 1 || len(h) != 16 || strings.Trim(h, "0123456789abcdef") != "", "frequencies", space, "values", h)
		}
	}
	trusting := f.Survive.Default == survive.SourceTrust || slices.Contains(slices.Collect(maps.Values(f.Survive.Attributes)), survive.SourceTrust)
	for _, g := range f.Survive.Groups {
		trusting = trusting || g.Strategy == survive.SourceTrust
	}
	out("the sources that source_trust ranks, or trust", trusting && len(f.Survive.Sources) == 0 && len(f.Survive.Trust) == 0, "survive", "sources")
	out("either sources or trust, not both", len(f.Survive.Sources) > 0 && len(f.Survive.Trust) > 0, "survive", "trust")
	for _, source := range slices.Sorted(maps.Keys(f.Survive.Trust)) {
		t := f.Survive.Trust[source]
		out("1 to 1000", t.Score < 1 || t.Score > 1000, "survive", "trust", source, "score")
		out("0 to 36500", t.HalfLifeDays < 0 || t.HalfLifeDays > 36500, "survive", "trust", source, "half_life_days")
	}
	for i, g := range f.Survive.Groups {
		out("at least one attribute", len(g.Attributes) == 0, "survive", "groups", i, "attributes")
	}
	return errs
}

func checkBlocks(doc *yamlfile.Doc, blocks [][]string) []error {
	var errs []error
	for i, elements := range blocks {
		total, known := 0, true
		for k, name := range elements {
			b, ok := block.Bits(name)
			if !ok {
				errs = append(errs, unknown(doc, "blocks", name, block.Elements(), "blocks", i, k))
			}
			total, known = total+b, known && ok
		}
		if known && total < block.MinBits {
			errs = append(errs, fault.New("E6003", doc.Place("blocks", i), "key", strings.Join(elements, "+"), "bits", total, "want", block.MinBits))
		}
		if len(elements) > 4 {
			errs = append(errs, fault.New("E6002", doc.Place("blocks", i), "field", "blocks", "want", "at most 4 elements a key"))
		}
	}
	return errs
}

func checkComparisons(doc *yamlfile.Doc, comparisons map[string]map[string]fellegisunter.Level) []error {
	var errs []error
	levels := map[string][]string{}
	for c := range compare.NumComparisons {
		for l := 1; l <= c.Levels(); l++ {
			levels[c.String()] = append(levels[c.String()], c.LevelName(compare.Level(l)))
		}
	}
	for _, c := range slices.Sorted(maps.Keys(comparisons)) {
		if levels[c] == nil {
			errs = append(errs, unknown(doc, "comparisons", c, slices.Sorted(maps.Keys(levels)), "comparisons", c))
			continue
		}
		for _, l := range slices.Sorted(maps.Keys(comparisons[c])) {
			if !slices.Contains(levels[c], l) {
				errs = append(errs, unknown(doc, "comparisons."+c, l, levels[c], "comparisons", c, l))
				continue
			}
			p := comparisons[c][l]
			for name, x := range map[string]float64{"m": p.M, "u": p.U} {
				if x <= 0 || x > 1 {
					errs = append(errs, fault.New("E6002", doc.Place("comparisons", c, l, name), "field", "comparisons."+c+"."+l+"."+name, "want", "more than 0 and at most 1"))
				}
			}
		}
	}
	return errs
}

func unknown(doc *yamlfile.Doc, what, name string, known []string, path ...any) error {
	nearest := fault.Nearest(name, known)
	if nearest == "" {
		nearest = strings.Join(known, ", ")
	}
	return fault.New("E6001", doc.Place(path...), "what", what, "name", name, "nearest", nearest)
}

func dotted(path []any) string {
	var parts []string
	for _, p := range path {
		if s, ok := p.(string); ok {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ".")
}

// Outgrown reports by how many bits the odds of two records of a store with so many have fallen
// below those of the model: one for each time that the store doubled. far says that it is more
// than two, from where on pairs that look alike by chance are merged noticeably often.
func (m *Model) Outgrown(records int64) (bits float64, far bool) {
	learnt := float64(m.records)
	if learnt == 0 { // a model that was not learnt suits the store in which two records in five have a match
		learnt = 0.4 * math.Exp2(-m.prior)
	}
	bits = math.Log2(max(float64(records), 1) / learnt)
	return bits, bits > 2
}

// Version names the model in golden records and lineage.
func (m *Model) Version() string { return m.version }

// Blocks returns the blocking keys of a record's standardised fields, in
// plain text. They hold personal data.
func (m *Model) Blocks(f record.Fields) []string {
	var keys []string
	m.Features(nil, f, func(key []byte) { keys = append(keys, string(key)) })
	return keys
}

// Features appends to dst what comparing asks of a record's standardised fields, packed (see
// compare.Features), and calls block with each key that Blocks would return: the store turns
// them into tokens. block must not keep a key. Only the keys depend on the model.
func (m *Model) Features(dst []byte, f record.Fields, block func(key []byte)) []byte {
	k, _ := m.keys.Get().(*keys)
	defer m.keys.Put(k)
	k.dictionary.Fill(&k.features, f)
	m.blocks.Each(&k.features, block)
	return k.features.AppendPacked(dst)
}

// keys is what the keys of one record after the other are made with.
type keys struct {
	dictionary *compare.Dictionary
	features   compare.Features
}

// CustomerModel returns the shipped model file of customers, as `init` writes it.
func CustomerModel() string { return string(customerModel) }
