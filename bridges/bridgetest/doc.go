// Package bridgetest is the one conformance suite that every bridge passes: the real bridge in the real hub, a real
// Synapse, the network's emulator, customers with phones and agents with Matrix clients. What it demands of a network
// is what the network declares (network.Capabilities): what is declared must work in both directions, and what is not
// must be refused with a reason that the agent reads in the room.
//
// A bridge's test file holds its Provider and these lines:
//
//	func TestMain(m *testing.M) { os.Exit(bridgetest.Main(m)) }
//
//	func TestConformance(t *testing.T) { bridgetest.Run(t, whatsapp.Network(), newProvider) }
//
// With -v the run ends with a table of what each check found.
package bridgetest
