package fault

// commandFaults are the E1xxx codes.
var commandFaults = []Entry{}
