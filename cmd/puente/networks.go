package main

import (
	"puente/bridges/whatsapp"
	"puente/core/base/config"
	"puente/core/hub/network"
)

// networks is the list of bridges: a new one is one line here and one folder under bridges/.
func networks() []network.Network {
	return []network.Network{
		whatsapp.Network(),
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
