// Package start keeps the garbage collector idle while the program's packages initialise, which would else be a third of a short command's time.
package start

// ballast makes the collector think that the heap is large: it begins at twice
// what lives. It is never touched, so it takes addresses and no memory. The
// package imports nothing and so initialises before the large libraries, whose
// tables all stay alive and are not worth collecting.
var ballast = make([]byte, 64<<20)

// Done lets the collector work at its own pace. It is called before a command
// works.
func Done() {
	if len(ballast) > 0 {
		ballast = nil
	}
}
