package fault

// pipelineFaults are the E4xxx codes.
var pipelineFaults = []Entry{}
