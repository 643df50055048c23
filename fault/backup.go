package fault

// backupFaults are the E8xxx codes: backup and restore.
var backupFaults = []Entry{}
