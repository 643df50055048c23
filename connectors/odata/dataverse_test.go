package odata_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"crmhub/connectors"
	"crmhub/connectors/connectortest"
	"crmhub/fault"
)

// dataverse is a table of contacts the way Microsoft's documents tell of it:
// tokens of an OAuth 2 client, pages by Prefer: odata.maxpagesize, and with
// odata.track-changes a delta link behind the last page, whose list holds
// deleted rows as entries of the context $deletedEntity.
type dataverse struct {
	mu       sync.Mutex
	version  int
	contacts map[string]contact
	gone     map[string]int // by the version at which it was deleted
	oldest   int            // versions before are not known any more
	tokens   int
	// base is what links begin with; by default a name of the service that the
	// test cannot reach.
	base string
}

type contact struct {
	name    string
	version int
}

func newDataverse(n int) *dataverse {
	d := &dataverse{contacts: map[string]contact{}, gone: map[string]int{}}
	for i := range n {
		d.set(fmt.Sprintf("00000000-0000-0000-0000-%012d", i), fmt.Sprintf("Contact %d", i))
	}
	return d
}

func (d *dataverse) set(id, name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.version++
	d.contacts[id] = contact{name, d.version}
}

func (d *dataverse) drop(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.version++
	delete(d.contacts, id)
	d.gone[id] = d.version
}

const dataverseMetadata = `<?xml version="1.0"?><edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="crmbaseentity" Abstract="true"/>
<EntityType Name="contact" BaseType="mscrm.crmbaseentity"><Key><PropertyRef Name="contactid"/></Key>
<Property Name="contactid" Type="Edm.Guid"/><Property Name="fullname" Type="Edm.String"/><Property Name="gendercode" Type="Edm.Int32"/><Property Name="modifiedon" Type="Edm.DateTimeOffset"/></EntityType>
<EntityContainer Name="System"><EntitySet Name="contacts" EntityType="Microsoft.Dynamics.CRM.contact"/></EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`

func (d *dataverse) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.URL.Path == "/token" {
		d.tokens++
		if err := r.ParseForm(); err != nil || r.Form.Get("client_secret") != "s3cret" || r.Form.Get("scope") != "https://org.example/.default" {
			http.Error(w, `{"error":"invalid_client"}`, http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, `{"access_token":"t0ken","token_type":"Bearer","expires_in":3599}`)
		return
	}
	if r.Header.Get("Authorization") != "Bearer t0ken" {
		http.Error(w, `{"error":{"code":"0x80072560","message":"no"}}`, http.StatusUnauthorized)
		return
	}
	if strings.HasSuffix(r.URL.Path, "/$metadata") {
		w.Header().Set("Content-Type", "application/xml")
		fmt.Fprint(w, dataverseMetadata)
		return
	}
	if !strings.HasSuffix(r.URL.Path, "/contacts") {
		http.NotFound(w, r)
		return
	}
	d.list(w, r)
}

func (d *dataverse) list(w http.ResponseWriter, r *http.Request) {
	q, prefer := r.URL.Query(), r.Header.Get("Prefer")
	since, err := strconv.Atoi(q.Get("$deltatoken"))
	if tracked := err == nil; tracked && since < d.oldest {
		w.WriteHeader(http.StatusGone)
		fmt.Fprint(w, `{"error":{"code":"0x80060891","message":"the token has expired"}}`)
		return
	}
	size := 5000
	for _, p := range strings.Split(prefer, ",") {
		if n, ok := strings.CutPrefix(p, "odata.maxpagesize="); ok {
			size, _ = strconv.Atoi(n)
		}
	}
	var all []map[string]any
	for v := since + 1; v <= d.version; v++ {
		for id, c := range d.contacts {
			if c.version == v {
				all = append(all, map[string]any{
					"@odata.etag": `W/"1"`, "contactid": id, "fullname": c.name, "gendercode": 1,
					"gendercode@OData.Community.Display.V1.FormattedValue": "Male", "modifiedon": "2026-01-01T00:00:00Z",
				})
			}
		}
		for id, at := range d.gone {
			if at == v && since > 0 {
				all = append(all, map[string]any{"@odata.context": "http://" + r.Host + "/api/data/v9.2/$metadata#contacts/$deletedEntity", "id": id, "reason": "deleted"})
			}
		}
	}
	from, _ := strconv.Atoi(q.Get("$skiptoken"))
	page := all[min(from, len(all)):min(from+size, len(all))]
	if page == nil {
		page = []map[string]any{}
	}
	out := map[string]any{"@odata.context": "x", "value": page}
	// The links name the host that the service knows itself by.
	base := cmp.Or(d.base, "https://elsewhere.example") + "/api/data/v9.2/contacts?"
	if from+size < len(all) {
		out["@odata.nextLink"] = fmt.Sprintf("%s$deltatoken=%s&$skiptoken=%d", base, q.Get("$deltatoken"), from+size)
	} else if strings.Contains(prefer, "odata.track-changes") || q.Has("$deltatoken") {
		out["@odata.deltaLink"] = fmt.Sprintf("%s$deltatoken=%d", base, d.version)
	}
	w.Header().Set("Content-Type", "application/json; odata.metadata=minimal")
	w.Header().Set("OData-Version", "4.0")
	if err := json.NewEncoder(w).Encode(out); err != nil {
		panic(err)
	}
}

// TestDataverse follows a table by its delta links, until one expires.
func TestDataverse(t *testing.T) {
	d := newDataverse(12)
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	p := params{
		"url": server.URL + "/api/data/v9.2", "client_id": "hub", "client_secret": "s3cret", "token_url": server.URL + "/token",
		"scope": "https://org.example/.default", "track_changes": true, "page_size": uint64(5), "retry_wait": "1ms",
	}
	s := open(t, p)
	r := connectors.Request{Stream: "contacts", Mode: connectors.Incremental}
	rows, at := read(t, s, r)
	if len(rows) != 12 || rows[0].Data["gendercode_label"] != "Male" || rows[0].Data["@odata.etag"] != nil {
		t.Fatalf("%d rows, want 12 with labels and without the protocol's members: %v", len(rows), rows)
	}

	d.set("00000000-0000-0000-0000-000000000003", "Changed")
	d.drop("00000000-0000-0000-0000-000000000004")
	r.From = at
	rows, at = read(t, s, r)
	if len(rows) != 2 || rows[0].Data["fullname"] != "Changed" || !rows[1].Deleted || rows[1].Key != "00000000-0000-0000-0000-000000000004" {
		t.Fatalf("what changed: %v, want contact 3 and the deletion of contact 4", rows)
	}
	r.From = at
	if rows, at = read(t, s, r); len(rows) != 0 {
		t.Errorf("nothing changed: %v", rows)
	}

	d.set("00000000-0000-0000-0000-000000000099", "New")
	d.oldest = d.version
	r.From = at
	if rows, _ = read(t, s, r); len(rows) != 12 {
		t.Errorf("after an expired token: %d rows, want all 12 anew", len(rows))
	}

	p["client_secret"] = "wrong"
	err := open(t, p).Check(t.Context())
	if f := fault.Of(err); f == nil || f.Code != "E2319" || strings.Contains(err.Error(), "wrong") {
		t.Errorf("a wrong secret: %v, want E2319 and no secret", err)
	}
}

// DynamicsWebApi, a client of other people's, reads the stand-in as we do: all
// of it, and what changed by the delta link.
func TestDataverseByAnotherClient(t *testing.T) {
	d := newDataverse(12)
	change := func() {
		d.set("00000000-0000-0000-0000-000000000003", "Changed")
		d.drop("00000000-0000-0000-0000-000000000004")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/change" {
			change()
			return
		}
		d.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	d.base = server.URL
	type row struct{ ContactID, FullName, ID, Reason string }
	var theirs struct{ All, Changed []row }
	connectortest.Foreign(t, "testdata/client.mjs", &theirs, "URL="+server.URL, "TOKEN=t0ken", "CHANGE="+server.URL+"/change")

	d = newDataverse(12)
	s := open(t, params{
		"url": server.URL + "/api/data/v9.2", "client_id": "hub", "client_secret": "s3cret", "token_url": server.URL + "/token",
		"scope": "https://org.example/.default", "track_changes": true, "page_size": uint64(5), "retry_wait": "1ms",
	})
	r := connectors.Request{Stream: "contacts", Mode: connectors.Incremental}
	rows, at := read(t, s, r)
	change()
	r.From = at
	changed, _ := read(t, s, r)
	line := func(key, name string, gone bool) string { return fmt.Sprint(key, " ", name, " ", gone) }
	var want, got []string
	for _, x := range slices.Concat(theirs.All, theirs.Changed) {
		want = append(want, line(cmp.Or(x.ContactID, x.ID), x.FullName, x.Reason == "deleted"))
	}
	for _, x := range slices.Concat(rows, changed) {
		name, _ := x.Data["fullname"].(string)
		got = append(got, line(x.Key, name, x.Deleted))
	}
	if !slices.Equal(got, want) || len(want) != 14 {
		t.Errorf("we read\n%v\nthe other client\n%v", got, want)
	}
}
