package fault

// keyFaults are the E7xxx codes: the key ring and sealing.
var keyFaults = []Entry{}
