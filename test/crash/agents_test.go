package crash

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// hire puts another agent into the config, which Puente reads at its next start.
func (w *world) hire(ctx context.Context) (name string, err error) {
	name = fmt.Sprintf("carol%d", len(w.hired)+1)
	if err = w.server.RegisterUser(ctx, name, password, name, false); err != nil {
		return "", err
	}
	w.values["agents.users"] += ", " + userID(name)
	if err = w.saveConfig(); err != nil {
		return "", fmt.Errorf("write the config: %w", err)
	}
	w.hired = append(w.hired, name)
	return name, nil
}

// absent lists the conversations in which an agent is missing who came in the course of the run.
func (w *world) absent(ctx context.Context, v *view) ([]string, error) {
	var missing []string
	for _, name := range w.hired {
		var in struct {
			Rooms []id.RoomID `json:"joined_rooms"`
		}
		address := w.admin.BuildURL(mautrix.SynapseAdminURLPath{"v1", "users", userID(name), "joined_rooms"})
		if _, err := w.admin.MakeRequest(ctx, http.MethodGet, address, nil, &in); err != nil {
			return nil, fmt.Errorf("list the rooms of an agent: %w", err)
		}
		for _, rooms := range v.rooms {
			if !slices.Contains(in.Rooms, rooms[0]) {
				missing = append(missing, fmt.Sprintf("%s is not in the conversation %s", name, rooms[0]))
			}
		}
	}
	return missing, nil
}

// untold lists the systems of which the operators were not told once each.
func (l *load) untold(v *view) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var wrong []string
	for _, name := range l.branches {
		count := 0
		for _, text := range v.operators {
			if strings.Contains(text, "("+name+")") {
				count++
			}
		}
		if count != 1 {
			wrong = append(wrong, fmt.Sprintf("the operators were told %d times of %s", count, name))
		}
	}
	return wrong
}

// addNotice takes in what @puente says to the operators.
func (v *view) addNotice(evt *event.Event) {
	if msg := evt.Content.AsMessage(); evt.Sender.Localpart() == "puente" && msg.Body != "" {
		v.operators = append(v.operators, msg.Body)
	}
}
