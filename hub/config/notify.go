package config

import (
	"net/mail"
	"slices"
	"strings"

	"crmhub/fault/yamlfile"
)

// When is what a notice is sent of.
type When string

// The occasions of notices.
const (
	OnFailed      When = "failed"      // a run that failed
	OnQuarantined When = "quarantined" // rows that went into quarantine
	OnReview      When = "review"      // pairs that wait for people after a run that changed records
	OnDone        When = "done"        // every run
)

// occasions lists them, for who writes another word.
var occasions = []string{string(OnFailed), string(OnQuarantined), string(OnReview), string(OnDone)}

// Notify says who gets notices of runs, through which connection.
type Notify struct {
	Connection string
	To         []string // addresses alone, without names
	On         []When
}

// notify is the section as written.
type notify struct {
	Connection string           `yaml:"connection"`
	To         yamlfile.Strings `yaml:"to"`
	On         yamlfile.Strings `yaml:"on"`
}

// Wants reports whether notices of that occasion are sent.
func (n Notify) Wants(w When) bool { return slices.Contains(n.On, w) }

// notices checks the section; without one there are no notices.
func (c *Config) notices(raw *notify) (all []error) {
	if raw == nil {
		return nil
	}
	n := &Notify{Connection: raw.Connection}
	if _, err := c.Connection(c.at("notify", "connection"), raw.Connection); err != nil {
		all = append(all, err)
	}
	for _, to := range raw.To {
		a, err := mail.ParseAddress(to)
		if err != nil {
			all = append(all, c.wrong("e-mail addresses such as ops@example.cn", "notify", "to"))
			break
		}
		n.To = append(n.To, a.Address)
	}
	if len(raw.To) == 0 {
		all = append(all, c.wrong("e-mail addresses such as ops@example.cn", "notify", "to"))
	}
	if len(raw.On) == 0 {
		raw.On = yamlfile.Strings{string(OnFailed), string(OnQuarantined)}
	}
	for _, on := range raw.On {
		if !slices.Contains(occasions, on) {
			all = append(all, c.wrong(strings.Join(occasions, ", "), "notify", "on"))
			break
		}
		n.On = append(n.On, When(on))
	}
	c.Notify = n
	return all
}
