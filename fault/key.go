package fault

// keyFaults are the E7xxx codes.
var keyFaults = []Entry{}
