package fault

// programFaults are the E9xxx codes: the program itself.
var programFaults = []Entry{}
