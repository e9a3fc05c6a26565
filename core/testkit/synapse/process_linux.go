package synapse

import "syscall"

// childAttributes gives the child a group of its own, so that a Ctrl-C in the terminal reaches only us, and has
// the kernel end it when we die. SQLite survives the kill.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
