package fault

// mapFaults are the E32xx codes: rows that a mapping or processor refused.
var mapFaults = []Entry{}
