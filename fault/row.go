package fault

// rowFaults are the E3xxx codes.
var rowFaults = []Entry{}
