package sample

import (
	"bytes"
	"encoding/binary"
)

// box is a box of an ISO base media file. ref: ISO/IEC 14496-12 §4.2
func box(name string, parts ...[]byte) []byte {
	data := bytes.Join(parts, nil)
	return append(append(be32(len(data)+8), name...), data...)
}

func be16(n int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(n)) } //nolint:gosec // G115: small numbers of our own
func be32(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) } //nolint:gosec // G115: small numbers of our own

// zeros stands for fields that are reserved or not used.
func zeros(n int) []byte { return make([]byte, n) }

// unity is the matrix that leaves the picture as it is.
func unity() []byte {
	return bytes.Join([][]byte{be32(0x10000), zeros(12), be32(0x10000), zeros(12), be32(0x40000000)}, nil)
}

// movieBox describes the film whose pictures begin at the offset. Times are in units of one frame.
func movieBox(frames [][]byte, offset int) []byte {
	header := box("mvhd", zeros(12), be32(filmRate), be32(len(frames)), be32(0x10000), be16(0x100), zeros(10), unity(), zeros(24), be32(2))
	track := box("tkhd", be32(3), zeros(8), be32(1), zeros(4), be32(len(frames)), zeros(16), unity(), be32(filmSide<<16), be32(filmSide<<16))
	media := box("mdia",
		box("mdhd", zeros(12), be32(filmRate), be32(len(frames)), be16(0x55c4), zeros(2)),
		box("hdlr", zeros(8), []byte("vide"), zeros(12), []byte("film\x00")),
		box("minf",
			box("vmhd", be32(1), zeros(8)),
			box("dinf", box("dref", zeros(4), be32(1), box("url ", be32(1)))),
			sampleTable(frames, offset)))
	return box("moov", header, box("trak", track, media))
}

func sampleTable(frames [][]byte, offset int) []byte {
	sizes := [][]byte{zeros(8), be32(len(frames))}
	for _, frame := range frames {
		sizes = append(sizes, be32(len(frame)))
	}
	return box("stbl",
		box("stsd", zeros(4), be32(1), sampleEntry()),
		box("stts", zeros(4), be32(1), be32(len(frames)), be32(1)),
		box("stsc", zeros(4), be32(1), be32(1), be32(len(frames)), be32(1)),
		box("stsz", sizes...),
		box("stco", zeros(4), be32(1), be32(offset)))
}

// sampleEntry says that the pictures are H.264, and carries the sets that the decoder needs first.
// ref: ISO/IEC 14496-15 §5.3
func sampleEntry() []byte {
	sequence, picture := sequenceSet(), pictureSet()
	config := bytes.Join([][]byte{
		{1, sequence[1], sequence[2], sequence[3], 0xff, 0xe1}, be16(len(sequence)), sequence, {1}, be16(len(picture)), picture,
	}, nil)
	return box("avc1", zeros(6), be16(1), zeros(16), be16(filmSide), be16(filmSide), be32(0x480000), be32(0x480000),
		zeros(4), be16(1), zeros(32), be16(24), be16(0xffff), box("avcC", config))
}
