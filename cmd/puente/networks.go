package main

import (
	"puente/bridges/signal"
	"puente/bridges/telegram"
	"puente/bridges/webhook"
	"puente/bridges/whatsapp"
	"puente/core/base/config"
	"puente/core/hub/network"
)

// networks is the list of bridges: a new one is one line here and one folder under bridges/.
func networks() []network.Network {
	return []network.Network{
		whatsapp.Network(),
		telegram.Network(),
		signal.Network(),
		webhook.Network(),
	}
}

// schemas tells the config which keys each network knows.
func schemas() []config.NetworkSchema {
	var list []config.NetworkSchema
	for _, n := range networks() {
		list = append(list, config.NetworkSchema{ID: n.ID, Example: n.ExampleConfig})
	}
	return list
}
