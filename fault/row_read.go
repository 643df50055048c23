package fault

// readFaults are the E31xx codes: rows that a connector could not read.
var readFaults = []Entry{}
