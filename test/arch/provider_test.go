package arch_test

import (
	"go/ast"
	"path"
	"slices"
	"strings"
	"testing"
)

// provider is what a bridge has of a network's API.
type provider struct {
	folder string
	client string // whose type Client it is; empty: it has none
	embeds bool   // most of the client's methods are those of somebody else's module
	by     string // by which name the bridge calls it: the last before the method's
	// sends are those methods by which something reaches people; asks are the others.
	sends, asks []string
	// ways are what leads to them besides HandleMatrix…, with the reason.
	ways map[string]string
}

func providers() []provider {
	const pinged = "Client.ping: asks whether the system is there, and names nobody"
	return []provider{
		{
			folder: "bridges/whatsapp", client: "bridges/whatsapp/graph", by: "graph",
			sends: []string{"Send", "MarkRead", "MarkReadTyping"},
			asks: []string{
				"PhoneNumber", "BusinessProfile", "SubscribeApp", "SubscribedApps", "BlockUsers", "UnblockUsers", "BlockedUsers", "DownloadMedia", "MediaInfo",
				"DeleteMedia", "Templates", "AllTemplates", "Turn", "UploadMedia",
			},
		},
		{
			folder: "bridges/signal", client: "bridges/signal/daemon", by: "daemon",
			sends: []string{"Send", "React", "Delete", "CreatePoll", "Vote", "Typing", "MarkRead", "Accept"},
			asks: []string{
				"Version", "Accounts", "StartLink", "FinishLink", "Register", "Verify", "ACI", "Start", "Stop", "Wait", "Contact", "Groups", "Group", "Avatar",
				"Attachment", "StickerImage", "Identities", "Trust", "SubmitChallenge", "Subscribe", "Unsubscribe", "Pause",
			},
			ways: map[string]string{
				"bridges/signal/handlesignal.go Connector.HandleEntry Accept": "incoming.welcome: who wrote to the business is told that it takes their messages, as Signal's own apps do",
			},
		},
		{
			folder: "bridges/telegram", client: "bridges/telegram/botapi", by: "api", embeds: true,
			asks: []string{
				"DeleteWebhook", "GetBusinessConnection", "GetChat", "GetCustomEmojiStickers", "GetMe", "GetUserProfilePhotos", "GetWebhookInfo", "ID", "OpenFile",
				"SetWebhook", "Token", "Updates",
			},
			sends: []string{
				"AnswerCallbackQuery", "DeleteBusinessMessages", "DeleteMessage", "EditMessageCaption", "EditMessageText", "ReadBusinessMessage", "SendAnimation",
				"SendAudio", "SendChatAction", "SendDocument", "SendLocation", "SendMessage", "SendPhoto", "SendPoll", "SendSticker", "SendVenue", "SendVideo",
				"SendVoice", "SetMessageReaction",
			},
			ways: map[string]string{
				"bridges/telegram/handletelegram.go Connector.HandleEntry AnswerCallbackQuery": "answerCallback: the button that was pressed stops blinking; it says nothing",
			},
		},
		{
			folder: "bridges/webhook", by: "cl", sends: []string{"post"},
			ways: map[string]string{
				"bridges/webhook/client.go Client.Connect post":             pinged,
				"bridges/webhook/check.go Connector.Check post":             pinged,
				"bridges/webhook/login.go systemLogin.SubmitUserInput post": pinged,
			},
		},
	}
}

// TestBridgesSendOnlyWhatTheHubHandsThem: whatever a bridge says to people comes by bridgev2's HandleMatrix… methods, and thus
// through the gate; or it stands in the list above, with the reason why it need not.
func TestBridgesSendOnlyWhatTheHubHandsThem(t *testing.T) {
	var folders []string
	for _, one := range providers() {
		folders = append(folders, one.folder)
		t.Run(path.Base(one.folder), func(t *testing.T) {
			p := read(t, one.folder)
			one.knowsItsMethods(t, p)
			for _, other := range one.otherNames(p) {
				t.Errorf("%s: call what speaks to the network %q: by this name the ways to it are found", other, one.by)
			}
			found := one.waysIn(p)
			for _, way := range found {
				if one.ways[way] == "" {
					t.Errorf("%s: this reaches people, and is not called by the hub's gate. Let it put an event into the room, which comes back by "+
						"HandleMatrix…; or say in providers() why it need not pass the gate.", way)
				}
			}
			for listed := range one.ways {
				if !slices.Contains(found, listed) {
					t.Errorf("%s is listed, and leads to nobody any more: take it off the list", listed)
				}
			}
		})
	}
	for _, folder := range foldersUnder(t, "bridges") {
		if strings.Count(folder, "/") == 1 && folder != "bridges/bridgekit" && folder != "bridges/bridgetest" && !slices.Contains(folders, folder) {
			t.Errorf("%s: say in providers() by what it sends", folder)
		}
	}
}

// TestOnlyPostCallsASystem: of a system's API the bridge has no client but net/http's.
func TestOnlyPostCallsASystem(t *testing.T) {
	compare(t, usesUnder(t, named("Do", "PostForm", "RoundTrip"), "bridges/webhook"), map[string]string{
		"bridges/webhook/callback.go post Do": "what providers() calls post",
		"bridges/webhook/media.go get Do":     "fetches a file that the system names",
	}, "What a system is told goes by Client.post.")
}

// uses tells whether an expression is a method of the provider's client.
func (one provider) uses(selected *ast.SelectorExpr, names []string) bool {
	return lastName(selected.X) == one.by && (names == nil || slices.Contains(names, selected.Sel.Name))
}

// waysIn are the exported functions other than HandleMatrix… from which a way leads to a method that sends, each with the
// method. What is not exported is called by something in the package, or by nothing.
func (one provider) waysIn(p *pack) (ways []string) {
	handed := func(f *function) bool { return strings.HasPrefix(f.name, "HandleMatrix") }
	for _, method := range one.sends {
		for _, f := range p.leading(one.senders(p, method), handed) {
			if !handed(f) && ast.IsExported(f.name) {
				ways = append(ways, f.String()+" "+method)
			}
		}
	}
	return ways
}

// senders are the functions that call a method of the provider's client, or hand it on.
func (one provider) senders(p *pack, method string) (list []*function) {
	for _, f := range p.functions {
		sends := false
		ast.Inspect(f.body, func(node ast.Node) bool {
			selected, ok := node.(*ast.SelectorExpr)
			sends = sends || ok && one.uses(selected, []string{method})
			return !sends
		})
		if sends {
			list = append(list, f)
		}
	}
	return list
}

// knowsItsMethods tells of a method of which nobody said whether it sends, and of one that is not there.
func (one provider) knowsItsMethods(t *testing.T, p *pack) {
	t.Helper()
	known := slices.Concat(one.sends, one.asks)
	if one.client != "" && !one.embeds {
		methods := methodsOf(t, one.client, "Client")
		for _, method := range methods {
			if !slices.Contains(known, method) {
				t.Errorf("%s: say in providers() whether Client.%s reaches people", one.client, method)
			}
		}
		for _, method := range known {
			if !slices.Contains(methods, method) {
				t.Errorf("%s has no Client.%s: take it off the list", one.client, method)
			}
		}
	}
	for _, f := range p.functions {
		ast.Inspect(f.body, func(node ast.Node) bool {
			selected, ok := node.(*ast.SelectorExpr)
			if ok && one.asks != nil && one.uses(selected, nil) && !isPackage(f.source, selected.X) && ast.IsExported(selected.Sel.Name) && !slices.Contains(known, selected.Sel.Name) {
				t.Errorf("%s uses %s.%s: say in providers() whether it reaches people", f, one.by, selected.Sel.Name)
			}
			return true
		})
	}
}

// methodsOf lists the exported methods of a type in a folder.
func methodsOf(t *testing.T, folder, receiver string) (methods []string) {
	t.Helper()
	for _, f := range read(t, folder).functions {
		if f.receiver == receiver && ast.IsExported(f.name) {
			methods = append(methods, f.name)
		}
	}
	return methods
}

// otherNames are the places where the provider's client gets another name than the one by which it is found.
func (one provider) otherNames(p *pack) (places []string) {
	for _, f := range p.functions {
		lists := []*ast.FieldList{f.params}
		ast.Inspect(f.body, func(node ast.Node) bool {
			switch is := node.(type) {
			case *ast.FuncLit:
				lists = append(lists, is.Type.Params)
			case *ast.AssignStmt:
				for i, made := range is.Rhs {
					if name := lastName(is.Lhs[min(i, len(is.Lhs)-1)]); one.gives(made) && name != one.by && name != "_" {
						places = append(places, f.String()+" "+name)
					}
				}
			}
			return true
		})
		for _, list := range lists {
			for i := 0; list != nil && i < len(list.List); i++ {
				for _, name := range list.List[i].Names {
					if one.isClient(list.List[i].Type) && name.Name != one.by {
						places = append(places, f.String()+" "+name.Name)
					}
				}
			}
		}
	}
	return places
}

// gives tells whether an expression is the provider's client.
func (one provider) gives(expression ast.Expr) bool {
	if call, ok := expression.(*ast.CallExpr); ok {
		selected, ok := call.Fun.(*ast.SelectorExpr)
		return lastName(call.Fun) == one.by || ok && selected.Sel.Name == "New" && lastName(selected.X) == path.Base(one.client)
	}
	return one.client != "" && lastName(expression) == one.by
}

// isClient tells whether a type is that of the provider's client.
func (one provider) isClient(of ast.Expr) bool {
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	selected, ok := of.(*ast.SelectorExpr)
	return ok && selected.Sel.Name == "Client" && lastName(selected.X) == path.Base(one.client)
}
