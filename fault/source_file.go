package fault

// fileFaults are the E21xx codes: the file connector.
var fileFaults = []Entry{}
