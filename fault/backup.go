package fault

// backupFaults are the E8xxx codes.
var backupFaults = []Entry{}
