package message

import (
	"testing"

	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/media"
)

func TestFileFeatures(t *testing.T) {
	features := FileFeatures(media.Limits{
		media.Image: {{Mime: "image/jpeg"}}, media.Document: {{Mime: media.AnyMime}},
	}, 1024, 5<<20, media.Voice)
	for _, one := range []struct {
		kind event.CapabilityMsgType
		mime string
		want event.CapabilitySupportLevel
	}{
		{event.MsgImage, "image/jpeg", event.CapLevelFullySupported}, {event.MsgImage, "image/bmp", event.CapLevelPartialSupport},
		{event.CapMsgGIF, "image/jpeg", event.CapLevelPartialSupport}, {event.MsgFile, "application/pdf", event.CapLevelFullySupported},
		{event.MsgVideo, "video/mp4", event.CapLevelPartialSupport},
	} {
		if got := features[one.kind].GetMimeSupport(one.mime); got != one.want {
			t.Errorf("%s as %s: got %d, want %d", one.mime, one.kind, got, one.want)
		}
	}
	if f := features[event.CapMsgSticker]; f.Caption != event.CapLevelDropped || f.MaxCaptionLength != 0 || f.MaxSize != 5<<20 {
		t.Errorf("stickers: %+v", f)
	}
	if f := features[event.CapMsgVoice]; f.Caption != event.CapLevelPartialSupport || f.MaxCaptionLength != 1024 {
		t.Errorf("voice messages: %+v", f)
	}
	if f := features[event.MsgVideo]; f.Caption != event.CapLevelFullySupported || f.MaxCaptionLength != 1024 {
		t.Errorf("films: %+v", f)
	}
}
