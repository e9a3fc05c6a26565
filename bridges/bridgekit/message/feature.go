package message

import (
	"slices"

	"maunium.net/go/mautrix/event"

	"puente/bridges/bridgekit/media"
)

// FileFeatures tells Matrix clients which files a network takes: those of the limits as they are, all others as far as
// they can be converted or sent as documents. maxCaption is in characters, maxSize in bytes; stickers have no captions, and
// files of the kinds asDocument are sent as documents when words stand under them.
func FileFeatures(limits media.Limits, maxCaption int, maxSize int64, asDocument ...media.Kind) event.FileFeatureMap {
	features := event.FileFeatureMap{}
	for as, kind := range map[event.CapabilityMsgType]media.Kind{
		event.MsgImage: media.Image, event.MsgVideo: media.Video, event.MsgAudio: media.Audio, event.CapMsgVoice: media.Voice,
		event.MsgFile: media.Document, event.CapMsgSticker: media.Sticker,
	} {
		f := &event.FileFeatures{
			MimeTypes: map[string]event.CapabilitySupportLevel{media.AnyMime: event.CapLevelPartialSupport},
			Caption:   event.CapLevelFullySupported, MaxCaptionLength: maxCaption, MaxSize: maxSize,
		}
		for _, rule := range limits[kind] {
			f.MimeTypes[rule.Mime] = event.CapLevelFullySupported
		}
		if kind == media.Sticker {
			f.Caption, f.MaxCaptionLength = event.CapLevelDropped, 0
		} else if slices.Contains(asDocument, kind) {
			f.Caption = event.CapLevelPartialSupport
		}
		features[as] = f
	}
	gif := features[event.MsgImage].Clone()
	gif.MimeTypes = map[string]event.CapabilitySupportLevel{media.AnyMime: event.CapLevelPartialSupport} // as a picture or as a film
	features[event.CapMsgGIF] = gif
	return features
}
