// Package graph speaks Meta's WhatsApp Cloud API: it takes webhooks apart, sends messages and media,
// and says in plain words what an error means. It knows no Matrix.
//
// Texts, numbers and tokens of customers never stand in an error or a log line of this package.
package graph
