-- What a source row no longer emits, by the run that found so: a run that is
-- rolled back gives the row its records back.
CREATE TABLE emission_history (
	run {int} NOT NULL,
	source_row {bytes} NOT NULL,
	record {int} NOT NULL,
	PRIMARY KEY (run, source_row, record)
) {clustered};
