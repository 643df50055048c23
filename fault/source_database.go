package fault

// databaseFaults are the E22xx codes: the database connectors.
var databaseFaults = []Entry{}
