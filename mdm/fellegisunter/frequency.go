package fellegisunter

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
)

// Space is the frequency table of one kind of values.
type Space struct {
	// Default is the share of people with a value that the table does not
	// list, DefaultHan the same for values in Chinese characters.
	Default    float64 `yaml:"default"`
	DefaultHan float64 `yaml:"default_han"`
	// Values are shares of people by Hash.
	Values map[string]float64 `yaml:"values"`
}

// Frequencies are shares of people by value. A value is kept as a hash only,
// so that a model file names nobody. They are safe for concurrent use.
type Frequencies struct {
	salt   string
	spaces map[string]*table
}

type table struct {
	latin, han int32
	values     map[uint64]int32
}

// NewFrequencies returns the frequencies of a model file with that salt.
func NewFrequencies(salt string, spaces map[string]Space) *Frequencies {
	f := &Frequencies{salt: salt, spaces: map[string]*table{}}
	for name, s := range spaces {
		t := &table{latin: rarity(s.Default), han: rarity(s.DefaultHan), values: make(map[uint64]int32, len(s.Values))}
		for h, share := range s.Values {
			if b, err := hex.DecodeString(h); err == nil && len(b) == 8 {
				t.values[binary.BigEndian.Uint64(b)] = rarity(share)
			}
		}
		f.spaces[name] = t
	}
	return f
}

func rarity(share float64) int32 {
	if share <= 0 || share > 1 {
		return 0
	}
	return int32(math.Round(-math.Log2(share) * 1000))
}

// Hash returns the name of a value in a model file with that salt: 16
// hexadecimal digits.
func Hash(salt, space, value string) string {
	h := sum(salt, space, value)
	return hex.EncodeToString(h[:])
}

func sum(salt, space, value string) [8]byte {
	s := sha256.Sum256([]byte(salt + "\x00" + space + "\x00" + value))
	return [8]byte(s[:8])
}

// Rarity returns -log2 of the share of people with a value, in millibits; 0
// where the space has no table.
func (f *Frequencies) Rarity(space, value string, han bool) int32 {
	t := f.spaces[space]
	if t == nil {
		return 0
	}
	h := sum(f.salt, space, value)
	if r, ok := t.values[binary.BigEndian.Uint64(h[:])]; ok {
		return r
	}
	if han {
		return t.han
	}
	return t.latin
}
