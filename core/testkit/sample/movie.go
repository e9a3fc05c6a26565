package sample

import (
	"bytes"
	"encoding/binary"
)

// The film is a square of macroblocks, each 16 by 16 pixels, for two seconds.
const (
	filmBlocks = 4
	filmSide   = 16 * filmBlocks
	filmFrames = 8
	filmRate   = 4 // frames a second
)

// FilmMP4 is a short film in H.264 without sound. Its pictures are stored without compression (I_PCM), which every
// decoder reads and which needs no encoder. ref: ISO/IEC 14496-10 §7.3, ISO/IEC 14496-12
func FilmMP4() []byte {
	var frames [][]byte
	for i := range filmFrames {
		unit := nal(0x65, filmSlice(i))
		frames = append(frames, append(binary.BigEndian.AppendUint32(nil, uint32(len(unit))), unit...)) //nolint:gosec // G115: a few kilobytes
	}
	kind := box("ftyp", []byte("isom"), be32(0x200), []byte("isomavc1mp41"))
	moov := movieBox(frames, 0)
	// The offset of the pictures is known only when all before them is.
	moov = movieBox(frames, len(kind)+len(moov)+8)
	return bytes.Join([][]byte{kind, moov, box("mdat", frames...)}, nil)
}

// bits writes numbers of any width, as H.264's headers want them.
type bits struct {
	data  []byte
	count int
}

func (b *bits) put(value uint32, width int) {
	for i := width - 1; i >= 0; i-- {
		if b.count%8 == 0 {
			b.data = append(b.data, 0)
		}
		b.data[b.count/8] |= byte(value>>i&1) << (7 - b.count%8)
		b.count++
	}
}

// ue writes an unsigned Exp-Golomb code. ref: ISO/IEC 14496-10 §9.1
func (b *bits) ue(value uint32) {
	width := 0
	for (value+1)>>width > 1 {
		width++
	}
	b.put(0, width)
	b.put(value+1, width+1)
}

func (b *bits) align() { b.count = 8 * len(b.data) }

func (b *bits) end() []byte {
	b.put(1, 1)
	return b.data
}

// nal puts the unit's first byte before it and escapes what would look like a start code.
func nal(first byte, payload []byte) []byte {
	out, zeros := []byte{first}, 0
	for _, b := range payload {
		if zeros >= 2 && b <= 3 {
			out, zeros = append(out, 3), 0
		}
		out = append(out, b)
		if zeros++; b != 0 {
			zeros = 0
		}
	}
	return out
}

// sequenceSet says how large the pictures are: baseline profile, level 1.
func sequenceSet() []byte {
	b := &bits{data: []byte{66, 0xc0, 10}, count: 24}
	for _, value := range []uint32{0, 0, 2, 1} { // ID, frame number in 4 bits, order by decoding, one reference
		b.ue(value)
	}
	b.put(0, 1)
	b.ue(filmBlocks - 1)
	b.ue(filmBlocks - 1)
	b.put(0b1100, 4) // whole frames only, direct inference; no cropping, no usability data
	return nal(0x67, b.end())
}

func pictureSet() []byte {
	b := &bits{}
	b.ue(0)
	b.ue(0)
	b.put(0, 2) // CAVLC, no field order
	for range 3 {
		b.ue(0)
	}
	b.put(0, 3)
	for range 3 {
		b.ue(0)
	}
	b.put(0, 3)
	return nal(0x68, b.end())
}

// filmSlice is one whole picture; the light moves from block to block.
func filmSlice(number int) []byte {
	b := &bits{}
	b.ue(0)                  // from the first macroblock
	b.ue(7)                  // all of it intra
	b.ue(0)                  // the picture set
	b.put(0, 4)              // frame number
	b.ue(uint32(number % 2)) //nolint:gosec // G115: 0 or 1; two IDR pictures in a row must differ
	b.put(0, 2)
	b.ue(0) // quantiser as in the picture set
	for i := range filmBlocks * filmBlocks {
		b.ue(25) // I_PCM
		b.align()
		luma := byte(0x50)
		if i%filmFrames == number {
			luma = 0xd0
		}
		b.data = append(b.data, bytes.Repeat([]byte{luma}, 256)...)
		b.data = append(b.data, bytes.Repeat([]byte{0xa0}, 64)...)
		b.data = append(b.data, bytes.Repeat([]byte{0x70}, 64)...)
		b.align()
	}
	return b.end()
}
