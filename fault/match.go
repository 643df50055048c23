package fault

// matchFaults are the E6xxx codes: matching and golden records.
var matchFaults = []Entry{}
