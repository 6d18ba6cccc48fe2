package pdf

import (
	"math"

	"onrecord/pkg/notice"
)

// mark is how an act looks: shape and colour, so that grey print tells them apart, too.
type mark struct {
	shape shape
	ink   colour
}

type shape int

const (
	dot shape = iota
	triangle
	inverted
	square
	diamond
	cross
	star
	ring
)

// markOf gives the mark of an act or of a kind of timeline entry.
func (b *book) markOf(kind string) mark {
	switch kind {
	case string(notice.Warning):
		return mark{triangle, colour{176, 96, 0}}
	case string(notice.Notification):
		return mark{inverted, colour{176, 96, 0}}
	case string(notice.Order), string(notice.Threat):
		return mark{square, colour{86, 60, 130}}
	case string(notice.Denial), string(notice.Blame):
		return mark{diamond, alert}
	case string(notice.Incident):
		return mark{star, alert}
	case string(notice.Acknowledgement), string(notice.Confirmation), string(notice.Approval), string(notice.KindReceipt):
		return mark{ring, colour{20, 104, 84}}
	case string(notice.KindDropped), string(notice.KindBounce):
		return mark{cross, alert}
	case string(notice.Request):
		return mark{square, colour{120, 128, 138}}
	}
	return mark{dot, ink}
}

// drawMark draws a mark centred on x, y.
func drawMark(c canvas, x, y float64, m mark) {
	const r = 3.6
	white := colour{255, 255, 255}
	switch m.shape {
	case triangle:
		c.path([][2]float64{{x, y - r}, {x + r, y + r*0.8}, {x - r, y + r*0.8}}, 0.5, white, m.ink)
	case inverted:
		c.path([][2]float64{{x, y + r}, {x + r, y - r*0.8}, {x - r, y - r*0.8}}, 0.5, white, m.ink)
	case square:
		c.path([][2]float64{{x - 3, y - 3}, {x + 3, y - 3}, {x + 3, y + 3}, {x - 3, y + 3}}, 0.5, white, m.ink)
	case diamond:
		c.path([][2]float64{{x, y - r - 0.6}, {x + r, y}, {x, y + r + 0.6}, {x - r, y}}, 0.5, white, m.ink)
	case star:
		points := make([][2]float64, 0, 10)
		for i := range 10 {
			radius := r + 1
			if i%2 == 1 {
				radius = r * 0.5
			}
			a := math.Pi/5*float64(i) - math.Pi/2
			points = append(points, [2]float64{x + radius*math.Cos(a), y + radius*math.Sin(a)})
		}
		c.path(points, 0.4, white, m.ink)
	case cross:
		c.line(x-2.6, y-2.6, x+2.6, y+2.6, 1.1, m.ink)
		c.line(x-2.6, y+2.6, x+2.6, y-2.6, 1.1, m.ink)
	case ring:
		c.disc(x, y, 2.7, 1.2, m.ink, white)
	default:
		c.disc(x, y, 2.1, 0.4, white, m.ink)
	}
}
