package sample

import (
	"bytes"
	"encoding/binary"
)

// VoiceOpus is one second of silence, mono, as an Ogg Opus file: what a voice message is on both sides.
// ref: RFC 7845 (Ogg Opus), RFC 6716 §3.1 (the packet's first byte)
func VoiceOpus() []byte {
	const (
		packets = 50  // of 20 ms
		skip    = 312 // samples at 48 kHz that the decoder drops
		serial  = 0x70756e74
	)
	head := append([]byte("OpusHead\x01"), 1)
	head = binary.LittleEndian.AppendUint16(head, skip)
	head = append(binary.LittleEndian.AppendUint32(head, 48000), 0, 0, 0)
	vendor := "puente"
	tags := binary.LittleEndian.AppendUint32([]byte("OpusTags"), uint32(len(vendor))) //nolint:gosec // G115: six
	tags = append(append(tags, vendor...), 0, 0, 0, 0)
	silence := []byte{0xf8, 0xff, 0xfe} // CELT, full band, 20 ms, mono, one frame
	sound := make([][]byte, packets)
	for i := range sound {
		sound[i] = silence
	}
	const first, last = 0x02, 0x04
	file := oggPage(serial, 0, 0, first, head)
	file = append(file, oggPage(serial, 1, 0, 0, tags)...)
	return append(file, oggPage(serial, 2, packets*960, last, sound...)...)
}

// oggPage is one page with whole packets, each shorter than 255 bytes. ref: RFC 3533 §6
func oggPage(serial, number uint32, granule uint64, flags byte, packets ...[]byte) []byte {
	page := append([]byte("OggS\x00"), flags)
	page = binary.LittleEndian.AppendUint64(page, granule)
	page = binary.LittleEndian.AppendUint32(page, serial)
	page = binary.LittleEndian.AppendUint32(page, number)
	checksumAt := len(page)
	page = append(page, 0, 0, 0, 0, byte(len(packets))) //nolint:gosec // G115: one page has up to 255
	for _, packet := range packets {
		page = append(page, byte(len(packet))) //nolint:gosec // G115: shorter than 255, as said above
	}
	page = append(page, bytes.Join(packets, nil)...)
	binary.LittleEndian.PutUint32(page[checksumAt:], oggChecksum(page))
	return page
}

// oggChecksum is a CRC-32 whose bits are not reflected, unlike those of package crc32.
func oggChecksum(data []byte) uint32 {
	var sum uint32
	for _, b := range data {
		sum ^= uint32(b) << 24
		for range 8 {
			if sum&0x80000000 != 0 {
				sum = sum<<1 ^ 0x04c11db7
			} else {
				sum <<= 1
			}
		}
	}
	return sum
}

// SongMP3 is half a second of silence: MPEG-1 layer III, 128 kbit/s, 44.1 kHz, mono.
func SongMP3() []byte {
	frame := make([]byte, 417)
	copy(frame, []byte{0xff, 0xfb, 0x90, 0xc4})
	return bytes.Repeat(frame, 20)
}

// SongAAC is half a second of silence: AAC-LC in ADTS frames, 44.1 kHz, mono.
// ref: ISO/IEC 13818-7, adts_frame and raw_data_block
func SongAAC() []byte {
	return bytes.Repeat([]byte{0xff, 0xf1, 0x50, 0x40, 0x01, 0x7f, 0xfc, 0, 0, 0, 0x07}, 22)
}
