package pdfa

import (
	"encoding/binary"
	"math"
)

// sRGB gives a colour profile (ICC.1:2001-04, version 2.1, a display with three curves and a matrix) for IEC 61966-2-1. It is made here, so that it is nobody's.
func sRGB() []byte {
	type tag struct {
		name string
		data []byte
	}
	white := []float64{0.9642, 1, 0.8249} // D50, to which the primaries are adapted
	curve := curve()
	tags := []tag{
		{"desc", description("sRGB IEC61966-2.1, made by onrecord")},
		{"cprt", append([]byte("text\x00\x00\x00\x00"), "No copyright, use freely\x00"...)},
		{"wtpt", xyz(white)},
		{"rXYZ", xyz([]float64{0.4360747, 0.2225045, 0.0139322})},
		{"gXYZ", xyz([]float64{0.3850649, 0.7168786, 0.0971045})},
		{"bXYZ", xyz([]float64{0.1430804, 0.0606169, 0.7141733})},
		{"rTRC", curve}, {"gTRC", curve}, {"bTRC", curve},
	}
	const head = 128
	table := binary.BigEndian.AppendUint32(nil, uint32(len(tags)))
	at := head + 4 + 12*len(tags)
	var body []byte
	shared := 0 // where the curve lies
	for _, t := range tags {
		offset := at + len(body)
		if &t.data[0] == &curve[0] && shared > 0 {
			offset = shared
		} else {
			body = append(body, t.data...)
			for len(body)%4 != 0 {
				body = append(body, 0)
			}
			if &t.data[0] == &curve[0] {
				shared = offset
			}
		}
		table = append(table, t.name...)
		table = binary.BigEndian.AppendUint32(table, uint32(offset))
		table = binary.BigEndian.AppendUint32(table, uint32(len(t.data)))
	}
	p := make([]byte, head, at+len(body))
	binary.BigEndian.PutUint32(p[0:], uint32(at+len(body)))
	binary.BigEndian.PutUint32(p[8:], 0x02100000) // version
	copy(p[12:], "mntrRGB XYZ ")
	for i, n := range []uint16{2026, 1, 1, 0, 0, 0} { // date
		binary.BigEndian.PutUint16(p[24+2*i:], n)
	}
	copy(p[36:], "acsp")
	copy(p[68:], xyz(white)[8:])
	return append(append(p, table...), body...)
}

func xyz(v []float64) []byte {
	b := []byte("XYZ \x00\x00\x00\x00")
	for _, x := range v {
		b = binary.BigEndian.AppendUint32(b, uint32(int32(math.Round(x*65536))))
	}
	return b
}

// curve gives the transfer function at 1024 places.
func curve() []byte {
	const n = 1024
	b := binary.BigEndian.AppendUint32([]byte("curv\x00\x00\x00\x00"), n)
	for i := range n {
		x := float64(i) / (n - 1)
		y := x / 12.92
		if x > 0.04045 {
			y = math.Pow((x+0.055)/1.055, 2.4)
		}
		b = binary.BigEndian.AppendUint16(b, uint16(math.Round(y*65535)))
	}
	return b
}

// description is a text in ASCII; its places for other scripts are empty.
func description(s string) []byte {
	b := binary.BigEndian.AppendUint32([]byte("desc\x00\x00\x00\x00"), uint32(len(s)+1))
	b = append(append(b, s...), 0)
	return append(b, make([]byte, 4+4+2+1+67)...)
}
