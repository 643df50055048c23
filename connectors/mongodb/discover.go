package mongodb

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"crmhub/connectors"
)

// sampleRows is how many documents are looked at from either end of a collection.
const sampleRows = 100

// field is a top-level field of the documents sampled.
type field struct {
	name  string
	types []string
	null  bool
}

// Discover lists the collections and views. Columns are the top-level fields
// of a sample from both ends; rows are the server's estimate.
func (s *source) Discover(ctx context.Context) (out []connectors.Stream, err error) {
	db, closed, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, closed()) }()
	specs, err := db.ListCollectionSpecifications(ctx, bson.D{})
	if err != nil {
		return nil, s.explain(ctx, err, s.cfg.Name)
	}
	slices.SortFunc(specs, func(a, b *mongo.CollectionSpecification) int { return strings.Compare(a.Name, b.Name) })
	for _, spec := range specs {
		if strings.HasPrefix(spec.Name, "system.") || !s.wanted(spec.Name) {
			continue
		}
		st, err := s.stream(ctx, db.Collection(spec.Name), spec.Type)
		if err != nil {
			return nil, s.explain(ctx, err, s.place(spec.Name))
		}
		out = append(out, st)
	}
	return out, nil
}

func (s *source) wanted(name string) bool {
	patterns := s.cfg.Params.List("collections")
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(p, name)
		return ok && err == nil
	})
}

func (s *source) stream(ctx context.Context, c *mongo.Collection, kind string) (connectors.Stream, error) {
	st := connectors.Stream{Name: c.Name(), Key: []string{"_id"}, Rows: -1}
	if kind == "view" {
		st.Notes = append(st.Notes, connectors.Note{"view", "视图"})
	} else {
		n, err := c.EstimatedDocumentCount(ctx)
		if err != nil {
			return st, err
		}
		st.Rows = n
	}
	fields, err := s.fields(ctx, c)
	if err != nil {
		return st, err
	}
	for _, f := range fields {
		st.Columns = append(st.Columns, connectors.Column{Name: f.name, Type: strings.Join(f.types, "|"), Null: f.null})
		if f.name == "_id" && len(f.types) > 1 {
			st.Notes = append(st.Notes, connectors.Note{"_id has several types: " + strings.Join(f.types, ", "), "_id 有多种类型：" + strings.Join(f.types, ", ")})
		}
	}
	st.Cursor = likelyCursor(fields)
	if st.Cursor != "" && kind != "view" && !indexed(ctx, c, st.Cursor) {
		st.Notes = append(st.Notes, connectors.Note{"no index on " + st.Cursor + ": each incremental read goes through the whole collection", st.Cursor + " 没有索引：每次增量读取都会遍历整个集合"})
	}
	return st, nil
}

// indexed reports whether an index begins with the field. Where indexes may
// not be listed it says yes: the note would be a guess.
func indexed(ctx context.Context, c *mongo.Collection, name string) bool {
	specs, err := c.Indexes().ListSpecifications(ctx)
	if err != nil {
		return true
	}
	return slices.ContainsFunc(specs, func(i *mongo.IndexSpecification) bool {
		first, err := i.KeysDocument.IndexErr(0)
		return err == nil && first.Key() == name
	})
}

// fields samples documents from both ends of a collection.
func (s *source) fields(ctx context.Context, c *mongo.Collection) ([]field, error) {
	var out []field
	seen := map[string]int{}
	documents := 0
	for _, order := range []int{1, -1} {
		n, err := s.sample(ctx, c, order, func(raw bson.Raw) { out = add(out, seen, raw) })
		if err != nil {
			return nil, err
		}
		documents += n
		if n < sampleRows {
			break
		}
	}
	for i := range out {
		out[i].null = out[i].null || seen[out[i].name] < documents
	}
	return out, nil
}

func (s *source) sample(ctx context.Context, c *mongo.Collection, order int, take func(bson.Raw)) (n int, err error) {
	cur, err := c.Find(ctx, bson.D{}, options.Find().SetSort(bson.D{{Key: "_id", Value: order}}).SetLimit(sampleRows))
	if err != nil {
		return 0, err
	}
	for cur.Next(ctx) {
		n++
		take(cur.Current)
	}
	return n, errors.Join(cur.Err(), cur.Close(context.WithoutCancel(ctx)))
}

// add adds a document's fields; one that can't be decoded has none.
func add(out []field, seen map[string]int, raw bson.Raw) []field {
	elements, err := raw.Elements()
	if err != nil {
		return out
	}
	for _, e := range elements {
		name, t := e.Key(), e.Value().Type
		i := slices.IndexFunc(out, func(f field) bool { return f.name == name })
		if i < 0 {
			i = len(out)
			out = append(out, field{name: name})
		}
		seen[name]++
		if t == bson.TypeNull || t == bson.TypeUndefined {
			out[i].null = true
			continue
		}
		kind := types[t]
		if kind == "" {
			kind = t.String()
		}
		if !slices.Contains(out[i].types, kind) {
			out[i].types = append(out[i].types, kind)
		}
	}
	return out
}

// likelyCursors are names, without underscores and in small letters, of fields
// that grow with each change; the surest first.
var likelyCursors = []string{
	"updatedat", "modifiedat", "modifiedtime", "updatetime", "modifytime", "lastmodified", "lastmodifiedat", "lastmodifieddate",
	"updateddate", "updatedate", "updatedon", "modifiedon", "lastupdated", "lastupdate", "changedat", "updated", "modified", "更新时间", "修改时间",
}

// likelyCursor returns the field that most likely grows with each change, or "".
func likelyCursor(fields []field) string {
	for _, want := range likelyCursors {
		for _, f := range fields {
			if strings.ToLower(strings.ReplaceAll(f.name, "_", "")) == want {
				return f.name
			}
		}
	}
	return ""
}
