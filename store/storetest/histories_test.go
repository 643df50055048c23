package storetest_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"crmhub/mdm"
	"crmhub/mdm/entity"
	"crmhub/store/golden"
	"crmhub/store/storetest"
)

func TestHistoriesInSQLite(t *testing.T)   { histories(t, storetest.SQLite) }
func TestHistoriesInPostgres(t *testing.T) { histories(t, storetest.Postgres(t)) }

// historyTimes times forty histories are played in each database.
const historyTimes = 30

func histories(t *testing.T, open storetest.Open) {
	if wrong := storetest.Histories(t, open, historyTimes, storetest.Resolved); wrong > 0 {
		t.Errorf("%d histories ended otherwise than one bulk resolve of what is left", wrong)
	}
}

// Two workers who resolve at once end as one does.
func TestHistoriesByWorkers(t *testing.T) {
	wrong := storetest.Histories(t, storetest.Postgres(t), 6, func(t testing.TB, g *golden.Store, m *mdm.Model, o mdm.Options) {
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				team, _, err := g.Join(context.Background())
				if err != nil {
					errs[i] = err
					return
				}
				_, err = mdm.NewResolver(g, m, o).Work(context.Background(), team, nil)
				errs[i] = errors.Join(err, team.Close())
			})
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	})
	if wrong > 0 {
		t.Errorf("%d histories ended otherwise than one bulk resolve of what is left", wrong)
	}
}

// narrow is a store that forgets something a resolver asks for.
type narrow struct {
	*golden.Store
	holders, components bool
}

func (n narrow) Holders(ctx context.Context, tokens []entity.Token, limit int) (map[entity.Token][]entity.RecordID, error) {
	held, err := n.Store.Holders(ctx, tokens, limit)
	for t, ids := range held {
		if n.holders && len(ids) > 1 { // whoever came first is not seen
			held[t] = ids[1:]
		}
	}
	return held, err
}

func (n narrow) InComponents(ctx context.Context, ids []entity.RecordID) ([]entity.RecordID, error) {
	if n.components {
		return nil, nil
	}
	return n.Store.InComponents(ctx, ids)
}

// Resolvers that see too little depend on the order: the same trial finds them.
func TestHistoriesFindNarrowResolvers(t *testing.T) {
	for _, tt := range []struct {
		name string
		narrow
	}{
		{"the oldest holder of a token is not seen", narrow{holders: true}},
		{"the others of a component are not seen", narrow{components: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wrong := storetest.Histories(t, storetest.SQLite, 2, func(t testing.TB, g *golden.Store, m *mdm.Model, o mdm.Options) {
				o.Bulk = 2
				n := tt.narrow
				n.Store = g
				if _, err := mdm.NewResolver(n, m, o).Resolve(context.Background(), nil); err != nil {
					t.Fatal(err)
				}
			})
			if wrong == 0 {
				t.Error("no history ended otherwise: the trial cannot tell")
			}
		})
	}
}
