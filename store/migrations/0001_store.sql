-- The first version of the store. {int}, {bytes} and {text} are the column types of
-- the database; {clustered} keeps a table of keys alone in the order of its key.

CREATE TABLE word (
	id {int} PRIMARY KEY,
	text {text} NOT NULL UNIQUE
);

CREATE TABLE stream (
	id {int} PRIMARY KEY,
	source {text} NOT NULL,
	stream {text} NOT NULL,
	type {text} NOT NULL,
	UNIQUE (source, stream, type)
);

CREATE TABLE stream_chunk (
	stream {int} NOT NULL,
	chunk {int} NOT NULL,
	PRIMARY KEY (stream, chunk)
) {clustered};

CREATE TABLE record (
	id {int} PRIMARY KEY,
	stream {int} NOT NULL,
	ref {bytes} NOT NULL,
	own {bytes},
	content {bytes} NOT NULL,
	updated {int} NOT NULL,
	observed {int} NOT NULL,
	run {int} NOT NULL,
	version {int} NOT NULL,
	deleted {int} NOT NULL,
	self {int} NOT NULL,
	tokens {bytes},
	refs {bytes},
	wrapped {bytes} NOT NULL,
	payload {bytes} NOT NULL
);
CREATE UNIQUE INDEX record_ref ON record (ref);
CREATE INDEX record_deleted ON record (id) WHERE deleted = 1;

CREATE TABLE record_history (
	id {int} NOT NULL,
	version {int} NOT NULL,
	stream {int} NOT NULL,
	content {bytes} NOT NULL,
	updated {int} NOT NULL,
	observed {int} NOT NULL,
	run {int} NOT NULL,
	deleted {int} NOT NULL,
	self {int} NOT NULL,
	tokens {bytes},
	refs {bytes},
	wrapped {bytes} NOT NULL,
	payload {bytes} NOT NULL,
	PRIMARY KEY (id, version)
);

CREATE TABLE xref (
	record {int} PRIMARY KEY,
	own {bytes},
	entity {bytes},
	component {int} NOT NULL,
	dirty {int} NOT NULL,
	stale {bytes}
);
CREATE INDEX xref_dirty ON xref (record) WHERE dirty <> 0;
CREATE INDEX xref_component ON xref (component) WHERE component <> 0;

CREATE TABLE emission (
	source_row {bytes} NOT NULL,
	record {int} NOT NULL,
	PRIMARY KEY (source_row, record)
) {clustered};
CREATE INDEX emission_record ON emission (record);

CREATE TABLE child (
	parent {bytes} NOT NULL,
	record {int} NOT NULL,
	PRIMARY KEY (parent, record)
) {clustered};

CREATE TABLE token (
	token {bytes} NOT NULL,
	record {int} NOT NULL,
	gone {int} NOT NULL,
	PRIMARY KEY (token, record)
) {clustered};

CREATE TABLE token_segment (
	token {bytes} PRIMARY KEY NOT NULL,
	held {bytes} NOT NULL
) {clustered};

CREATE TABLE golden (
	id {bytes} PRIMARY KEY,
	status {int} NOT NULL,
	version {int} NOT NULL,
	run {int} NOT NULL,
	updated {int} NOT NULL,
	record {int} NOT NULL DEFAULT 0,
	record_version {int} NOT NULL DEFAULT 0,
	content {bytes},
	members {bytes},
	prov {bytes},
	wrapped {bytes},
	payload {bytes}
);

CREATE TABLE golden_history (
	id {bytes} NOT NULL,
	version {int} NOT NULL,
	status {int} NOT NULL,
	run {int} NOT NULL,
	valid_from {int} NOT NULL,
	valid_to {int} NOT NULL,
	record {int} NOT NULL DEFAULT 0,
	record_version {int} NOT NULL DEFAULT 0,
	members {bytes},
	prov {bytes},
	wrapped {bytes},
	payload {bytes},
	PRIMARY KEY (id, version)
);

CREATE TABLE redirect (
	id {bytes} PRIMARY KEY,
	target {bytes} NOT NULL,
	at {int} NOT NULL
);
CREATE INDEX redirect_target ON redirect (target);

CREATE TABLE judgement (
	id {int} PRIMARY KEY,
	a {int} NOT NULL,
	b {int} NOT NULL,
	kind {text} NOT NULL,
	decided_by {bytes},
	at {int} NOT NULL,
	wrapped {bytes},
	reason {bytes}
);
CREATE INDEX judgement_a ON judgement (a);
CREATE INDEX judgement_b ON judgement (b);

CREATE TABLE golden_override (
	id {int} PRIMARY KEY,
	record {int} NOT NULL,
	attribute {text} NOT NULL,
	decided_by {bytes},
	at {int} NOT NULL,
	until {int} NOT NULL,
	ended {int} NOT NULL,
	ending {text} NOT NULL,
	wrapped {bytes},
	payload {bytes}
);
CREATE INDEX golden_override_record ON golden_override (record);

CREATE TABLE outbox (
	id {int} PRIMARY KEY,
	at {int} NOT NULL,
	run {int} NOT NULL,
	events {bytes} NOT NULL
);

CREATE TABLE run (
	n {int} PRIMARY KEY,
	id {text} NOT NULL UNIQUE,
	pipeline {text} NOT NULL,
	spec {bytes} NOT NULL,
	status {text} NOT NULL,
	counts {bytes} NOT NULL,
	started {int} NOT NULL,
	finished {int} NOT NULL,
	failure {bytes},
	wrapped {bytes},
	position {bytes},
	position_tag {bytes},
	base_wrapped {bytes},
	base {bytes}
);
CREATE INDEX run_pipeline ON run (pipeline, n);

CREATE TABLE run_seen (
	run {int} NOT NULL,
	chunk {int} NOT NULL,
	bits {bytes} NOT NULL,
	PRIMARY KEY (run, chunk)
);

CREATE TABLE position (
	pipeline {text} PRIMARY KEY,
	wrapped {bytes},
	position {bytes},
	run {int} NOT NULL
);

CREATE TABLE quarantine (
	id {int} PRIMARY KEY,
	item {bytes} NOT NULL UNIQUE,
	pipeline {text} NOT NULL,
	stage {text} NOT NULL,
	code {text} NOT NULL,
	place {bytes},
	args {bytes},
	source_row {bytes},
	wrapped {bytes} NOT NULL,
	row_data {bytes} NOT NULL,
	fixed_wrapped {bytes},
	fixed {bytes},
	count {int} NOT NULL,
	open {int} NOT NULL,
	first_run {int} NOT NULL,
	last_run {int} NOT NULL,
	first_at {int} NOT NULL,
	last_at {int} NOT NULL
);
CREATE INDEX quarantine_row ON quarantine (source_row) WHERE open = 1;
CREATE INDEX quarantine_open ON quarantine (pipeline, id) WHERE open = 1;

CREATE TABLE reveal (
	id {int} PRIMARY KEY,
	at {int} NOT NULL,
	who {bytes},
	what {bytes},
	why {bytes}
);
