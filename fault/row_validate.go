package fault

// validateFaults are the E33xx codes: values and rows that a schema refused.
var validateFaults = []Entry{}
