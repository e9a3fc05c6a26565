package crash

import (
	"bytes"
	"net/http"
	"strings"
)

// point is a marked point: what is done so that Puente comes to it, and the trap that ends it there.
type point struct {
	name string
	// lure sets the trap and does what leads into it. It returns what tells that Puente is dead, and what takes the trap
	// off again.
	lure func(l *load, point string) (hit <-chan struct{}, off func(), err error)
	most int // how often in one run; 0: as often as wanted
}

// kind is what points of different channels have in common.
func (p point) kind() string {
	kind, _, _ := strings.Cut(p.name, ":")
	return kind
}

// points are all marked points. Each channel has its own where its way differs.
func points() []point {
	list := []point{
		{name: "journal committed, answer lost: WhatsApp's webhook", lure: comesIn("whatsapp", atInbound("/whatsapp/"), answerLost)},
		{name: "journal committed, answer passed on: WhatsApp's webhook", lure: comesIn("whatsapp", atInbound("/whatsapp/"), answerPassedOn)},
		{name: "journal committed, answer lost: the shop's event", lure: comesIn("webhook", atInbound("/webhook/"), answerLost)},
		{name: "journal committed, answer passed on: the shop's event", lure: comesIn("webhook", atInbound("/webhook/"), answerPassedOn)},
		{name: "Telegram's updates handed over", lure: comesIn("telegram", atBot("/getUpdates"), answerPassedOn)},
		{name: "Telegram's updates lost on the way", lure: comesIn("telegram", atBot("/getUpdates"), answerLost)},
		{name: "journal committed, answer lost: Synapse's transaction", lure: goesOut("", atInbound("/_matrix/app/"), answerLost)},
		{name: "journal committed, answer passed on: Synapse's transaction", lure: goesOut("", atInbound("/_matrix/app/"), answerPassedOn)},
		{name: "before the provider call: WhatsApp", lure: goesOut("whatsapp", atGraph("/messages"), beforeForward)},
		{name: "before the provider call: Telegram", lure: goesOut("telegram", atBot("/sendMessage"), beforeForward)},
		{name: "before the provider call: the shop", lure: goesOut("webhook", atShop(), beforeForward)},
		{name: "before the provider call: Signal", lure: goesOutBySignal(beforeForward)},
		{name: "after the provider call: WhatsApp", lure: goesOut("whatsapp", atGraph("/messages"), answerLost)},
		{name: "after the provider call: Telegram", lure: goesOut("telegram", atBot("/sendMessage"), answerLost)},
		{name: "after the provider call: the shop", lure: goesOut("webhook", atShop(), answerLost)},
		{name: "after the provider call: Signal", lure: goesOutBySignal(answerLost)},
		{name: "before a status in the room", lure: goesOut("", atStatus(), beforeForward)},
		{name: "after a status in the room", lure: goesOut("", atStatus(), answerLost)},
		{name: "between two parts of one message: Signal", lure: inParts("signal")},
		{name: "between two parts of one message: the shop", lure: inParts("webhook")},
		{name: "before the room is made", lure: firstContact(atMatrix(http.MethodPost, "/createRoom"), beforeForward)},
		{name: "inside room creation: the room is made, its ID lost", lure: firstContact(atMatrix(http.MethodPost, "/createRoom"), answerLost)},
		{name: "inside room creation: the room is made", lure: firstContact(atMatrix(http.MethodPost, "/createRoom"), answerPassedOn)},
		{name: "inside room creation: the customer joins", lure: firstContact(atMatrix(http.MethodPost, "/join"), answerLost)},
		{name: "inside media upload: to the homeserver", lure: pictureComesIn("whatsapp", uploadToMatrix(), insideBody)},
		{name: "after media upload: to the homeserver", lure: pictureComesIn("telegram", uploadToMatrix(), answerLost)},
		{name: "inside media upload: from the shop", lure: pictureComesIn("webhook", atAnyInbound("/uploads"), insideBody)},
		{name: "inside media upload: to WhatsApp", lure: pictureGoesOut("whatsapp", atAnyGraph("/media"), insideBody)},
		{name: "after media upload: to WhatsApp", lure: pictureGoesOut("whatsapp", atAnyGraph("/media"), answerLost)},
		{name: "inside media upload: to Telegram", lure: pictureGoesOut("telegram", atBot("/sendPhoto"), insideBody)},
		{name: "inside a job: before the operators are told", lure: operatorsAreTold(beforeForward), most: 6},
		{name: "inside a job: the operators are told", lure: operatorsAreTold(answerLost), most: 6},
		{name: "inside a job: an agent is invited", lure: agentComes, most: 2},
	}
	for _, network := range []string{"whatsapp", "telegram", "signal", "webhook"} {
		list = append(list,
			point{name: "before the Matrix send: " + network, lure: comesIn(network, atMatrix(http.MethodPut, "/send/"), beforeForward)},
			point{name: "after the Matrix send: " + network, lure: comesIn(network, atMatrix(http.MethodPut, "/send/"), answerLost)},
		)
	}
	return list
}

// place is a gate and what passes it.
type place struct {
	gate  func(w *world) *gate
	match func(x exchange, t token) bool
}

// names tells whether a request, or its answer, has the token.
func names(x exchange, t token) bool {
	needle := []byte(t.String())
	for _, text := range [][]byte{x.body, x.answer} {
		for at := 0; ; {
			found := bytes.Index(text[at:], needle)
			if found < 0 {
				break
			}
			end := at + found + len(needle)
			if end == len(text) || text[end] < '0' || text[end] > '9' && text[end] != 'p' {
				return true
			}
			at = end
		}
	}
	return false
}

func atInbound(path string) place {
	return place{func(w *world) *gate { return w.inbound }, func(x exchange, t token) bool { return strings.HasPrefix(x.URL.Path, path) && names(x, t) }}
}

func atAnyInbound(path string) place {
	return place{func(w *world) *gate { return w.inbound }, func(x exchange, _ token) bool { return strings.HasSuffix(x.URL.Path, path) }}
}

func atGraph(path string) place {
	return place{func(w *world) *gate { return w.graph }, func(x exchange, t token) bool { return strings.HasSuffix(x.URL.Path, path) && names(x, t) }}
}

func atAnyGraph(path string) place {
	return place{func(w *world) *gate { return w.graph }, func(x exchange, _ token) bool {
		return x.Method == http.MethodPost && strings.HasSuffix(x.URL.Path, path)
	}}
}

func atBot(path string) place {
	return place{func(w *world) *gate { return w.bot }, func(x exchange, t token) bool {
		return strings.EqualFold(x.URL.Path[strings.LastIndex(x.URL.Path, "/"):], path) && names(x, t)
	}}
}

func atShop() place {
	return place{func(w *world) *gate { return w.shop }, names}
}

func atMatrix(method, path string) place {
	return place{func(w *world) *gate { return w.matrix }, func(x exchange, t token) bool {
		return x.Method == method && strings.Contains(x.URL.Path, path) && (method == http.MethodPost || names(x, t))
	}}
}

func uploadToMatrix() place {
	return place{func(w *world) *gate { return w.matrix }, func(x exchange, _ token) bool {
		return strings.Contains(x.URL.Path, "/media/") && strings.Contains(x.URL.Path, "upload") && len(x.body) > 0
	}}
}

// atStatus is where the room is told what became of an agent's message; which one, a status does not say in words.
func atStatus() place {
	return place{func(w *world) *gate { return w.matrix }, func(x exchange, _ token) bool {
		return x.Method == http.MethodPut && strings.Contains(x.URL.Path, "/send/com.beeper.message_send_status/")
	}}
}
