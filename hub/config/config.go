// Package config reads a hub project's hub.yaml: the store, the key ring, the connections and where backups go.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"crmhub/connectors"
	"crmhub/fault"
	"crmhub/fault/yamlfile"
)

// File is the name of a project's main file.
const File = "hub.yaml"

// DefaultStore is where the store is when hub.yaml names none.
const DefaultStore = "sqlite:store.db"

// MaxWorkers is how many workers of one process may resolve at once.
const MaxWorkers = 64

// DefaultKeyring is the key ring's file when hub.yaml names none.
const DefaultKeyring = "keyring.json"

// Config is one hub.yaml, decoded and checked. Values that may hold
// references (${env:NAME}, ${file:PATH}) are kept as written and resolved when
// they are asked for, so that a verb needs only the secrets that it uses.
// It is not changed after Load and safe for concurrent use.
type Config struct {
	// Dir is the project's folder, absolute; relative paths start there.
	Dir string
	// Path is hub.yaml's path.
	Path string
	// Language is en, zh, or empty where the file does not say.
	Language string
	// Listen is the console's address.
	Listen string
	// Workers is how many resolve at once, 1 to MaxWorkers; more than one need PostgreSQL.
	Workers int

	// Notify says who gets notices; nil where hub.yaml has none.
	Notify *Notify

	store       string
	keyring     string
	connections map[string]Connection
	backup      map[string]any
	doc         *yamlfile.Doc
	env         func(string) (string, bool)
}

// Connection is one entry of connections.
type Connection struct {
	Name      string `yaml:"-"`
	Connector string `yaml:"connector"`
	// Country, Zone and Dates say how phones, times without a zone and
	// ambiguous dates of this source are read.
	Country string `yaml:"country"`
	Zone    string `yaml:"zone"`
	Dates   Dates  `yaml:"dates"`
	// Place is where the connection stands: hub.yaml:5:3.
	Place string `yaml:"-"`
	// Raw are the connector's own parameters, as written.
	Raw map[string]any `yaml:",inline"`
}

// Dates is the order of day, month and year in ambiguous dates.
type Dates string

// Words lists the orders.
func (Dates) Words() []string { return []string{"ymd", "dmy", "mdy"} }

// Lang is a language of messages.
type Lang string

// Words lists the languages.
func (Lang) Words() []string { return []string{"en", "zh"} }

// Location returns the connection's zone; nil where none is given.
func (c Connection) Location() *time.Location {
	if c.Zone == "" {
		return nil
	}
	// It was loaded once when the file was checked.
	loc, err := time.LoadLocation(c.Zone)
	if err != nil {
		return nil
	}
	return loc
}

// file is hub.yaml as written.
type file struct {
	Store struct {
		URL string `yaml:"url"`
	} `yaml:"store"`
	Keyring struct {
		File string `yaml:"file"`
	} `yaml:"keyring"`
	Connections map[string]Connection `yaml:"connections"`
	Backup      *struct {
		URL       string `yaml:"url"`
		Endpoint  string `yaml:"endpoint"`
		Region    string `yaml:"region"`
		AccessKey string `yaml:"access_key"`
		SecretKey string `yaml:"secret_key"`
	} `yaml:"backup"`
	Notify   *notify `yaml:"notify"`
	Language Lang    `yaml:"language"`
	Console  struct {
		Listen string `yaml:"listen"`
	} `yaml:"console"`
	Resolve struct {
		Workers *int `yaml:"workers"`
	} `yaml:"resolve"`
}

// Load reads and checks hub.yaml in dir. env looks up environment variables;
// nil means the process's own. A missing file is E1101, a wrong value E1102;
// what YAML itself refuses is an E10xx with line and column.
func Load(dir string, env func(string) (string, bool)) (*Config, error) {
	if env == nil {
		env = os.LookupEnv
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find the project folder %s: %w", dir, err)
	}
	path := filepath.Join(abs, File)
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.New("E1101", dir).Because(err)
	case err != nil:
		return nil, fault.New("E1103", path, "reason", fault.Reason(err)).Because(err)
	}
	return Parse(abs, data, env)
}

// Parse checks the content of the hub.yaml of a folder.
func Parse(dir string, data []byte, env func(string) (string, bool)) (*Config, error) {
	doc, err := yamlfile.Parse(File, data)
	if err != nil {
		return nil, err
	}
	var f file
	if err := doc.Decode(&f); err != nil {
		return nil, err
	}
	c := &Config{
		Dir: dir, Path: filepath.Join(dir, File), Language: string(f.Language), Listen: f.Console.Listen, Workers: 1,
		store: f.Store.URL, keyring: f.Keyring.File, connections: map[string]Connection{}, doc: doc, env: env,
	}
	if c.store == "" {
		c.store = DefaultStore
	}
	if c.keyring == "" {
		c.keyring = DefaultKeyring
	}
	if f.Resolve.Workers != nil {
		c.Workers = *f.Resolve.Workers
	}
	if f.Backup != nil {
		c.backup = map[string]any{
			"url": f.Backup.URL, "endpoint": f.Backup.Endpoint, "region": f.Backup.Region,
			"access_key": f.Backup.AccessKey, "secret_key": f.Backup.SecretKey,
		}
	}
	if err := c.validate(f); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Config) validate(f file) error {
	var all []error
	switch scheme, _, _ := strings.Cut(c.store, ":"); {
	case slices.Contains([]string{"sqlite", "postgres", "postgresql"}, scheme), strings.HasPrefix(c.store, "${"):
	default:
		all = append(all, c.wrong("sqlite:PATH | postgres://…", "store", "url"))
	}
	if c.backup != nil {
		if c.backup["url"] == "" {
			all = append(all, c.wrong("s3://BUCKET/PREFIX | a folder", "backup", "url"))
		}
		for _, k := range []string{"access_key", "secret_key"} {
			if s := c.backup[k].(string); s != "" && !isReference(s) {
				all = append(all, fault.New("E1106", c.at("backup", k), "field", "backup."+k))
			}
		}
	}
	if c.Workers < 1 || c.Workers > MaxWorkers || c.Workers > 1 && c.StoreKind() == "sqlite" {
		all = append(all, c.wrong(fmt.Sprintf("1 to %d with a store on PostgreSQL, 1 with an embedded one", MaxWorkers), "resolve", "workers"))
	}
	for _, name := range sorted(f.Connections) {
		con := f.Connections[name]
		con.Name, con.Place = name, c.at("connections", name)
		all = append(all, c.connection(con)...)
		c.connections[name] = con
	}
	all = append(all, c.notices(f.Notify)...)
	return errors.Join(all...)
}

func (c *Config) connection(con Connection) (all []error) {
	if con.Connector == "" {
		all = append(all, c.wrong("the name of a connector (crmhub connector list)", "connections", con.Name, "connector"))
	}
	if con.Country != "" && !country.MatchString(con.Country) {
		all = append(all, c.wrong("two capital letters, ISO 3166 (CN, GB)", "connections", con.Name, "country"))
	}
	if con.Zone != "" && con.Location() == nil {
		all = append(all, c.wrong("a zone of the IANA database (Asia/Shanghai)", "connections", con.Name, "zone"))
	}
	return all
}

var country = regexp.MustCompile("^[A-Z]{2}$")

// at returns the place of what stands at path in hub.yaml.
func (c *Config) at(path ...string) string {
	keys := make([]any, len(path))
	for i := range path {
		keys[i] = path[i]
	}
	return c.doc.Place(keys...)
}

// wrong is the fault of a value that is not what the file wants there.
func (c *Config) wrong(want string, path ...string) error {
	return fault.New("E1102", c.at(path...), "field", strings.Join(path, "."), "want", want)
}

// Connections returns the names of the connections, sorted.
func (c *Config) Connections() []string { return sorted(c.connections) }

// Connection returns the connection of that name, or E1105 with the nearest
// right name. place is where the name was used.
func (c *Config) Connection(place, name string) (Connection, error) {
	con, ok := c.connections[name]
	if !ok {
		return con, fault.New("E1105", place, "name", name, "nearest", fault.Nearest(name, c.Connections()),
			"known", strings.Join(c.Connections(), ", "))
	}
	return con, nil
}

// Params resolves the references in a connection's parameters and checks them
// against the connector's Spec. A secret that is written out is E1106.
func (c *Config) Params(con Connection, spec connectors.Spec) (connectors.Params, error) {
	for _, p := range spec.Params {
		if s, ok := con.Raw[p.Name].(string); p.Type == connectors.Secret && ok && s != "" && !isReference(s) {
			return nil, fault.New("E1106", c.at("connections", con.Name, p.Name), "field", "connections."+con.Name+"."+p.Name)
		}
	}
	raw, err := c.resolveMap(con.Raw, "connections", con.Name)
	if err != nil {
		return nil, err
	}
	return spec.Decode(con.Place, raw)
}

// Store returns the store's address with references resolved.
func (c *Config) Store() (string, error) { return c.resolve(c.store, "store", "url") }

// StoreKind returns sqlite or postgres without resolving references; empty
// where the address is one reference.
func (c *Config) StoreKind() string {
	switch scheme, _, _ := strings.Cut(c.store, ":"); scheme {
	case "sqlite":
		return scheme
	case "postgres", "postgresql":
		return "postgres"
	}
	return ""
}

// Keyring returns the path of the key ring's file.
func (c *Config) Keyring() (string, error) {
	s, err := c.resolve(c.keyring, "keyring", "file")
	if err != nil {
		return "", err
	}
	return c.Abs(s), nil
}

// Abs returns path as it is when it is absolute, or under the project's folder.
func (c *Config) Abs(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(c.Dir, path)
}

// Backup is where backups go.
type Backup struct {
	URL, Endpoint, Region, AccessKey, SecretKey string
}

// HasBackup reports whether hub.yaml names a backup target.
func (c *Config) HasBackup() bool { return c.backup != nil }

// Backup returns the backup target with references resolved; ok is false
// where hub.yaml names none.
func (c *Config) Backup() (b Backup, ok bool, err error) {
	if c.backup == nil {
		return b, false, nil
	}
	m, err := c.resolveMap(c.backup, "backup")
	if err != nil {
		return b, false, err
	}
	text := func(k string) string { s, _ := m[k].(string); return s }
	return Backup{text("url"), text("endpoint"), text("region"), text("access_key"), text("secret_key")}, true, nil
}

// Warnings returns what is not wrong but should not stay: passwords written
// into addresses (W1402).
func (c *Config) Warnings() (all []*fault.Error) {
	if passwordIn(c.store) {
		all = append(all, fault.New("W1402", c.at("store", "url"), "field", "store.url"))
	}
	for _, name := range c.Connections() {
		for _, k := range sorted(c.connections[name].Raw) {
			if s, ok := c.connections[name].Raw[k].(string); ok && passwordIn(s) {
				all = append(all, fault.New("W1402", c.at("connections", name, k), "field", "connections."+name+"."+k))
			}
		}
	}
	return all
}

// passwordIn reports an address that holds a password as it is, not as a reference.
func passwordIn(s string) bool {
	if !strings.Contains(s, "://") {
		return false
	}
	u, err := url.Parse(reference.ReplaceAllString(s, ""))
	if err != nil || u.User == nil {
		return false
	}
	word, given := u.User.Password()
	return given && word != ""
}

// Folder returns the user's own folder of that name (pipelines, mappings,
// schemas, mdm), or nil where the project has none.
func (c *Config) Folder(name string) fs.FS {
	dir := filepath.Join(c.Dir, name)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil
	}
	return os.DirFS(dir)
}

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	slices.Sort(names)
	return names
}

// Language returns the language that the hub.yaml of a folder names, without
// reading more of it; empty where there is none.
func Language(dir string) string {
	data, err := os.ReadFile(filepath.Join(dir, File))
	if err != nil {
		return ""
	}
	m := languageLine.FindSubmatch(data)
	if m == nil {
		return ""
	}
	return string(m[1])
}

var languageLine = regexp.MustCompile(`(?m)^language:\s*["']?(en|zh)\b`)
