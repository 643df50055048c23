package fault

// programFaults are the E9xxx codes.
var programFaults = []Entry{}
