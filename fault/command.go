package fault

// commandFaults are the E1xxx codes: the command line and the hub project's files.
var commandFaults = []Entry{}
