package fault

// matchFaults are the E6xxx codes.
var matchFaults = []Entry{}
