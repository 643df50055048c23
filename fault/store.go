package fault

// storeFaults are the E5xxx codes: the store.
var storeFaults = []Entry{}
