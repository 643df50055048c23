package fault

// pipelineFaults are the E4xxx codes: pipelines, mappings and schemas as files, and runs.
var pipelineFaults = []Entry{}
