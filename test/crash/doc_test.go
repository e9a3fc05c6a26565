// Package crash kills Puente and looks at what is left. Puente is the real program in a process of its own, between a
// real Synapse and the four emulated providers; the test owns everything around it: a proxy in front of each of them,
// which can stop a request at a marked point and end the process there with SIGKILL, and the phones and Matrix clients
// on which, at the end, each message must stand once and in order.
//
// There are no hooks in the program. What is said about a marked point is what can be seen from outside: a request has
// arrived, has been answered, and whether the answer was passed on.
package crash
