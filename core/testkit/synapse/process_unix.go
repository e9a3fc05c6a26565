//go:build unix && !linux

package synapse

import "syscall"

// childAttributes gives the child a group of its own, so that a Ctrl-C in the terminal reaches only us. Without
// Linux's parent-death signal a child outlives a parent that is killed.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
