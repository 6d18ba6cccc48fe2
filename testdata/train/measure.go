package main

import (
	"fmt"
	"io"
	"slices"

	"onrecord/pkg/notice/model"
)

// slack is how much F1 another threshold may cost. Near the best one F1 hardly changes: warnings take the highest threshold that is nearly as good, as a false
// alarm among them does harm; the other acts take the lowest, as scores in threads of other domains are lower.
const slack = 0.008

// bestF1 is the best F1 that a threshold on the scores gives, and the threshold to use.
func bestF1(examples []*example, scores [][model.Acts]float32, act int) (f1, threshold float64) {
	order := make([]int, 0, len(examples))
	positive := 0
	for i, e := range examples {
		if e.labels[act] != model.Either {
			order = append(order, i)
		}
		if e.labels[act] == model.Yes {
			positive++
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch x, y := scores[a][act], scores[b][act]; {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	right := 0
	reached := make([]float64, len(order))
	for n, i := range order {
		if examples[i].labels[act] == model.Yes {
			right++
		}
		reached[n] = 2 * float64(right) / float64(n+1+positive)
		f1 = max(f1, reached[n])
	}
	chosen := -1
	for n, f := range reached {
		if f >= f1-slack && (chosen < 0 || act != 0) {
			chosen = n
		}
	}
	if chosen < 0 {
		return 0, 0
	}
	return f1, float64(scores[order[chosen]][act])
}

var languages = []string{"en", "de", "fr", "es"}

// count of right, wrong and missed.
type count struct{ right, wrong, missed int }

func (c count) f1() float64 {
	return 2 * float64(c.right) / float64(max(1, 2*c.right+c.wrong+c.missed))
}

func tally(examples []*example, scores [][model.Acts]float32, act int, threshold float64, only func(*example) bool) (c count) {
	for i, e := range examples {
		if !only(e) || e.labels[act] == model.Either {
			continue
		}
		said, is := float64(scores[i][act]) >= threshold, e.labels[act] == model.Yes
		switch {
		case said && is:
			c.right++
		case said:
			c.wrong++
		case is:
			c.missed++
		}
	}
	return c
}

var names = [model.Acts]string{"WARNING", "REQUEST", "ORDER", "THREAT", "APPROVAL", "ACKNOWLEDGEMENT", "CONFIRMATION", "DENIAL", "BLAME", "INCIDENT", "NOTIFICATION"}

// table prints the measures at given thresholds.
func table(out io.Writer, examples []*example, scores [][model.Acts]float32, thresholds [model.Acts]float64) {
	fmt.Fprintf(out, "%-17s%7s%7s%7s%7s%8s%8s%8s", "label", "gold", "right", "wrong", "missed", "prec", "rec", "F1")
	for _, l := range languages {
		fmt.Fprintf(out, "%7s", l)
	}
	fmt.Fprintln(out)
	macro := 0.0
	for a, name := range names {
		c := tally(examples, scores, a, thresholds[a], func(*example) bool { return true })
		macro += c.f1() / model.Acts
		fmt.Fprintf(out, "%-17s%7d%7d%7d%7d%8.3f%8.3f%8.3f", name, c.right+c.missed, c.right, c.wrong, c.missed,
			float64(c.right)/float64(max(1, c.right+c.wrong)), float64(c.right)/float64(max(1, c.right+c.missed)), c.f1())
		for _, l := range languages {
			fmt.Fprintf(out, "%7.3f", tally(examples, scores, a, thresholds[a], func(e *example) bool { return e.lang == l }).f1())
		}
		fmt.Fprintln(out)
	}
	type mail struct{ said, is, may bool }
	mails := map[int]*mail{}
	for i, e := range examples {
		m := mails[e.mail]
		if m == nil {
			m = new(mail)
			mails[e.mail] = m
		}
		m.is = m.is || e.labels[0] == model.Yes
		m.may = m.may || e.labels[0] == model.Either
		m.said = m.said || e.labels[0] != model.Either && float64(scores[i][0]) >= thresholds[0]
	}
	var c count
	for _, m := range mails {
		switch {
		case m.said && m.is:
			c.right++
		case m.said && !m.may:
			c.wrong++
		case m.is && !m.said:
			c.missed++
		}
	}
	noise, alarms := map[int]bool{}, 0
	for i, e := range examples {
		if e.noise {
			noise[e.mail] = true
			if float64(scores[i][0]) >= thresholds[0] && e.labels[0] != model.Yes {
				alarms++
			}
		}
	}
	fmt.Fprintf(out, "sentences called warnings in %d mails of noise: %d, %.1f in 100 mails\n", len(noise), alarms, 100*float64(alarms)/float64(max(1, len(noise))))
	fmt.Fprintf(out, "macro F1 %.3f   WARNING, message level: %d right, %d wrong, %d missed, F1 %.3f\n", macro, c.right, c.wrong, c.missed, c.f1())
}
