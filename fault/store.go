package fault

// storeFaults are the E5xxx codes.
var storeFaults = []Entry{}
