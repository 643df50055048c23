// Package pipelines says how rows become records: the pipeline files that users write, and the sink that takes what they yield.
package pipelines
