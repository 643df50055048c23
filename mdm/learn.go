package mdm

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"crmhub/fault"
	"crmhub/mdm/compare"
	"crmhub/mdm/fellegisunter"
)

// Learnt is a model that was learnt from a store's records, and what is expected of it.
type Learnt struct {
	// Records are those that it was learnt from, Pairs those that blocking proposed.
	Records int64 `json:"records"`
	Pairs   int64 `json:"pairs"`
	// Matches is how many of the pairs are expected to be one customer; Precision and Recall
	// are those expected of pairs at the merge threshold, recall among the pairs proposed.
	Matches   float64 `json:"matches"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	// Before and After are the priors of the model that was and of the one that was learnt, in bits.
	Before float64 `json:"prior_before"`
	After  float64 `json:"prior_after"`
	// MergeBefore and MergeAfter are the merge thresholds in bits; it moves by the
	// Decisions of stewards, where they say so clearly.
	MergeBefore float64 `json:"merge_before"`
	MergeAfter  float64 `json:"merge_after"`
	Decisions   int     `json:"decisions"`
	// Text is the model file. The same records and model give the same bytes.
	Text  []byte `json:"-"`
	Model *Model `json:"-"`
}

// What learning goes by. A level's share is that seen, mixed with that of the model
// as if so many pairs had said so; nothing moves further than a few bits from it, so that
// a store with habits of its own does not teach nonsense.
const (
	learnLeast   = 1000      // records
	learnRounds  = 3         // of expectation and maximisation
	learnSample  = 1500      // records whose pairs stand for strangers
	matchWeight  = 50        // pairs
	othersWeight = 10_000    // pairs
	othersLeast  = 30        // pairs of strangers that a level must show
	farthest     = 3.0       // bits
	one          = 1 << 20   // sums are of whole numbers, which have no order
	commonLeast  = 20        // entities that share a value whose frequency is kept
	commonWeight = 500       // records
	sureEnough   = one / 20  // the chance from which a pair tells of matches
	rarelySeen   = one / 512 // and from which it counts
)

// tallies is what one look at the pairs counts, in parts of one.
type tallies struct {
	pairs, matches, merged, right int64
	alike, others                 [compare.NumComparisons][16]int64
}

func (t *tallies) add(o *tallies) {
	t.pairs, t.matches, t.merged, t.right = t.pairs+o.pairs, t.matches+o.matches, t.merged+o.merged, t.right+o.right
	for c := range t.alike {
		for l := range t.alike[c] {
			t.alike[c][l] += o.alike[c][l]
			t.others[c][l] += o.others[c][l]
		}
	}
}

// Learn learns a model from the current records, by the model file text that is in
// force: how often levels are seen among matches (m) and others (u), how common names and cities
// are, and the odds of two records (the prior), which fall as a store grows. The merge
// threshold moves where what stewards decided says so clearly. Blocking rules, guards and
// survivorship stay: they are choices, no estimates. It writes nothing. Fewer than 1,000 records give E6106.
func (r *Resolver) Learn(ctx context.Context, place string, text []byte) (Learnt, error) {
	f, err := readModel(place, text)
	if err != nil {
		return Learnt{}, err
	}
	_, current, err := r.store.Stat(ctx)
	if err != nil {
		return Learnt{}, fmt.Errorf("learn: %w", err)
	}
	if current < learnLeast {
		return Learnt{}, fault.New("E6106", "", "count", current, "want", learnLeast)
	}
	pass := &run{Resolver: &Resolver{store: &checking{Store: r.store}, model: r.model, o: r.o}, progress: func(Progress) {}, total: current}
	g, b, err := pass.load(ctx, current)
	if err != nil {
		return Learnt{}, fmt.Errorf("learn: %w", err)
	}
	l := &learner{run: pass, g: g, b: b, base: f.Comparisons}
	if err := l.read(ctx, f); err != nil {
		return Learnt{}, fmt.Errorf("learn: %w", err)
	}
	out := Learnt{Records: int64(len(g.ids)), Before: f.Prior}
	f.Records = out.Records
	l.common(f)
	for range learnRounds {
		pass.model = f.model()
		t, err := l.look(ctx)
		if err != nil {
			return Learnt{}, fmt.Errorf("learn: %w", err)
		}
		f.Comparisons = l.levels(f.Comparisons, t)
		f.Prior = priorOf(t, len(g.ids))
	}
	pass.model = f.model()
	l.merge(f, &out)
	pass.model = f.model()
	t, err := l.look(ctx)
	if err != nil {
		return Learnt{}, fmt.Errorf("learn: %w", err)
	}
	out.Pairs, out.Matches, out.After = t.pairs, math.Round(float64(t.matches)/one), f.Prior
	if t.merged > 0 {
		out.Precision, out.Recall = thousandths(float64(t.right)/float64(t.merged)), thousandths(float64(t.right)/float64(t.matches))
	}
	out.Text = rewrite(text, f)
	if out.MergeAfter != out.MergeBefore {
		out.Text = []byte(section(string(out.Text), "thresholds", fmt.Sprintf("thresholds:\n  merge: %g\n  review: %g\n", f.Thresholds.Merge, f.Thresholds.Review)))
	}
	out.Model, err = ParseModel(place, out.Text)
	return out, err
}

func thousandths(x float64) float64 { return math.Round(x*1000) / 1000 }

// priorOf returns the odds that two of n records are one customer, in bits: at
// least -60, at most -8.
func priorOf(t *tallies, n int) float64 {
	share := max(float64(t.matches)/one, 1) / (float64(n) * float64(n-1) / 2)
	return math.Round(min(max(math.Log2(share), -60), -8)*100) / 100
}

// learner is what learning looks at.
type learner struct {
	*run
	g      *graph
	b      *blocks
	base   map[string]map[string]fellegisunter.Level
	sample []*compare.Features
	// strangers are the pairs of the sample by their vectors, which no look changes:
	// most pairs differ alike.
	strangers map[compare.Vector]int64
	values    map[string]map[string]*shared
	named     map[string]int64 // records that have a value, by kind
}

// shared counts the holders of a value.
type shared struct {
	records int64
	groups  map[int64]bool // components, until they are enough
}

// read reads all records: their values are counted, some of them kept and compared as strangers.
func (l *learner) read(ctx context.Context, f *file) error {
	l.values, l.named = map[string]map[string]*shared{"family_name": {}, "given_name": {}, "city": {}}, map[string]int64{}
	d := compare.NewDictionary(fellegisunter.NewFrequencies(f.Salt, f.Frequencies))
	n := len(l.g.ids)
	at := 0
	for part := range slices.Chunk(l.g.ids, l.o.Batch) {
		err := l.store.Features(ctx, part, d, func(i int, x *compare.Features) {
			place := at + i
			if k := place * learnSample / n; n <= learnSample || k != (place+1)*learnSample/n {
				l.sample = append(l.sample, x)
			}
			group := int64(l.g.old[place])
			if group == 0 {
				group = -int64(place) - 1
			}
			l.count("family_name", group, x.Name.Family)
			l.count("given_name", group, x.Name.Given[0])
			if len(x.Addresses) > 0 {
				l.count("city", group, x.Addresses[0].City)
			}
		})
		if err != nil {
			return err
		}
		at += len(part)
	}
	return l.meet(ctx)
}

func (l *learner) count(kind string, group int64, t *compare.Token) {
	if t == nil {
		return
	}
	l.named[kind]++
	s := l.values[kind][t.Text]
	if s == nil {
		s = &shared{groups: map[int64]bool{}}
		l.values[kind][t.Text] = s
	}
	s.records++
	if len(s.groups) < commonLeast {
		s.groups[group] = true
	}
}

// common sets the frequencies of values that enough customers share.
func (l *learner) common(f *file) {
	spaces := map[string]fellegisunter.Space{}
	for kind, s := range f.Frequencies {
		values := map[string]float64{}
		for h, share := range s.Values {
			values[h] = share
		}
		for text, held := range l.values[kind] {
			h := fellegisunter.Hash(f.Salt, kind, text)
			stands, known := values[h]
			if !known {
				stands = s.Default
			}
			if known || len(held.groups) >= commonLeast {
				values[h] = figures(min((float64(held.records)+commonWeight*stands)/float64(l.named[kind]+commonWeight), 1))
			}
		}
		s.Values = values
		spaces[kind] = s
	}
	f.Frequencies = spaces
}

// look counts the levels of the proposed pairs and of strangers, by the model as it is.
func (l *learner) look(ctx context.Context) (*tallies, error) {
	const step = 256
	var mu sync.Mutex
	var all tallies
	err := l.parallel(ctx, (l.b.count()+step-1)/step, func(s int) error {
		var t tallies
		for k := s * step; k < min(l.b.count(), (s+1)*step); k++ {
			in := l.b.block(k)
			for i, x := range in {
				for _, y := range in[:i] {
					if l.b.first(int32(k), x, y) {
						l.pair(&t, l.g.features[x], l.g.features[y])
					}
				}
			}
		}
		mu.Lock()
		defer mu.Unlock()
		all.add(&t)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for v, pairs := range l.strangers {
		p := one - int64(math.Round(one*l.model.rules.Score(l.model.weights, &v).Probability()))
		for c := range v.Level {
			all.others[c][v.Level[c]] += p * pairs
		}
	}
	return &all, nil
}

// meet compares the records of the sample, each with each.
func (l *learner) meet(ctx context.Context) error {
	var mu sync.Mutex
	l.strangers = map[compare.Vector]int64{}
	return l.parallel(ctx, len(l.sample), func(i int) error {
		met := map[compare.Vector]int64{}
		for _, other := range l.sample[:i] {
			var v compare.Vector
			compare.Compare(l.sample[i], other, &v)
			met[v]++
		}
		mu.Lock()
		defer mu.Unlock()
		for v, pairs := range met {
			l.strangers[v] += pairs
		}
		return nil
	})
}

// pair counts one proposed pair. What a comparison tells of matches counts where
// the two would have met without it: among pairs that met by their phones, phones agree by choice.
func (l *learner) pair(t *tallies, a, b *compare.Features) {
	var v compare.Vector
	compare.Compare(a, b, &v)
	score := l.model.rules.Score(l.model.weights, &v)
	p := int64(math.Round(one * score.Probability()))
	t.pairs++
	if p < rarelySeen {
		return
	}
	t.matches += p
	if score >= l.model.rules.Merge {
		t.merged, t.right = t.merged+one, t.right+p
	}
	if p < sureEnough {
		return
	}
	by := l.met(a, b)
	for c := range compare.NumComparisons {
		if slices.ContainsFunc(by, func(rests map[compare.Comparison]bool) bool { return !rests[c] }) {
			t.alike[c][v.Level[c]] += p
		}
	}
}

// met returns what the blocking keys rest on that two records share.
func (l *learner) met(a, b *compare.Features) []map[compare.Comparison]bool {
	keys := map[string]bool{}
	for _, k := range l.model.blocks.Keys(a) {
		keys[k] = true
	}
	var by []map[compare.Comparison]bool
	for _, k := range l.model.blocks.Keys(b) {
		if !keys[k] {
			continue
		}
		rule, _, _ := strings.Cut(k, "\x1f")
		rests := map[compare.Comparison]bool{}
		for _, element := range strings.Split(rule, "+") {
			for _, c := range restsOn[element] {
				rests[c] = true
			}
		}
		by = append(by, rests)
	}
	return by
}

var (
	nameComparisons = []compare.Comparison{compare.FamilyName, compare.GivenName, compare.MiddleName, compare.NameOrder}
	// restsOn are the comparisons that agree where an element of a blocking key does.
	restsOn = map[string][]compare.Comparison{
		"email": {compare.Email}, "phone": {compare.Phone}, "national_id": {compare.NationalID}, "tax_id": {compare.TaxID}, "social_id": {compare.SocialID},
		"name": nameComparisons, "name_sound": nameComparisons, "word_sound": nameComparisons, "family_sound": nameComparisons, "given_sound": nameComparisons,
		"birth_date": {compare.BirthDate}, "birth_year": {compare.BirthDate}, "organisation": {compare.Organisation},
		"city": {compare.Address}, "postcode": {compare.Address}, "street": {compare.Address},
	}
)

// levels returns m and u of all levels as the pairs tell them.
func (l *learner) levels(stand map[string]map[string]fellegisunter.Level, t *tallies) map[string]map[string]fellegisunter.Level {
	out := map[string]map[string]fellegisunter.Level{}
	for c := range compare.NumComparisons {
		levels, ok := stand[c.String()]
		if !ok {
			continue
		}
		var alike, others float64
		for k := 1; k <= c.Levels(); k++ {
			alike, others = alike+float64(t.alike[c][k])/one, others+float64(t.others[c][k])/one
		}
		out[c.String()] = map[string]fellegisunter.Level{}
		for k := 1; k <= c.Levels(); k++ {
			name := c.LevelName(compare.Level(k))
			level, ok := levels[name]
			if !ok {
				continue
			}
			base := l.base[c.String()][name]
			seen := float64(t.others[c][k]) / one
			level.M = (float64(t.alike[c][k])/one + matchWeight*base.M) / (alike + matchWeight)
			if level.U = base.U; seen >= othersLeast {
				level.U = (seen + othersWeight*base.U) / (others + othersWeight)
			}
			moved := math.Log2(level.M/level.U) - math.Log2(base.M/base.U)
			level.M *= math.Exp2(min(max(moved, -farthest), farthest) - moved)
			level.M, level.U = figures(min(level.M, 1)), figures(min(level.U, 1))
			out[c.String()][name] = level
		}
	}
	return out
}
