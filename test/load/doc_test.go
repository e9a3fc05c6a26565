// Package load lets many agents work on many conversations at once: a real Synapse, Puente with its desk in this process,
// the agents' Matrix clients, and the customers' phones. It looks whether all is right after that, and counts what each
// action costs in requests to the homeserver, with few conversations and with many.
package load
