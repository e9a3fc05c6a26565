// Package emulation is what the emulated networks have in common, whatever they imitate: the Life between Start and
// Stop, of which the one of a Server is over HTTP, a Keeper of their state, a Folder of files, a Change that wakes who
// waits, the Latency of what they send, and the Magic endings of addresses that choose a failure. What a network says
// and refuses is each emulator's own.
package emulation
