package fault

// landFaults are the E34xx codes: rows that the store refused.
var landFaults = []Entry{}
