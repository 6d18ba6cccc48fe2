package review

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"onrecord/pkg/casefile"
)

// Entry is one question with what the case file says of it, for programs.
type Entry struct {
	ID         string     `json:"id"`
	State      State      `json:"state"`
	Exhibit    int        `json:"exhibit,omitempty"`
	MessageID  string     `json:"message_id,omitempty"`
	Author     string     `json:"author,omitempty"`
	At         *time.Time `json:"at,omitempty"`
	Acts       []string   `json:"acts,omitempty"` // as kept, else as suggested
	Suggested  []string   `json:"suggested,omitempty"`
	Text       string     `json:"text,omitempty"`
	Topic      string     `json:"topic,omitempty"`
	Rule       string     `json:"rule,omitempty"`
	Why        string     `json:"why"`
	Confidence float64    `json:"confidence"`
	Reason     string     `json:"reason,omitempty"` // of a rejection
	Line       int        `json:"line,omitempty"`   // in the case file
	Persons    []string   `json:"persons,omitempty"`
}

// Entries gives all questions, those of the acts only if there are any.
func (s *Session) Entries(c *casefile.Case, acts []string) []Entry {
	st := s.stand(c)
	all := []Entry{}
	for i := range s.items {
		if s.Wanted(i, acts) {
			all = append(all, s.question(i, &st.of[i]))
		}
	}
	return all
}

// question gives item i.
func (s *Session) question(i int, d *decided) Entry {
	it := &s.items[i]
	if p := it.same; p != nil {
		return Entry{ID: it.id, State: d.state, Why: p.Why, Line: d.line, Persons: []string{p.A, p.B}}
	}
	m := &s.mails[it.mail]
	e := Entry{ID: it.id, State: d.state, Exhibit: m.exhibit, MessageID: m.id, Author: m.from, At: it.said.At, Acts: s.acts(i, d), Suggested: actNames(it.said.Acts), Text: it.said.Text,
		Topic: it.said.Topic, Rule: it.said.Rule, Why: it.said.Why, Confidence: it.said.Confidence, Reason: d.reason, Line: d.line}
	if d.topic != "" {
		e.Topic = d.topic
	}
	return e
}

// WriteJSON writes one object a line.
func (s *Session) WriteJSON(w io.Writer, c *casefile.Case, acts []string) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, e := range s.Entries(c, acts) {
		if err := enc.Encode(e); err != nil {
			return err
		}
	}
	return nil
}

// WriteText writes two lines for each question, and an empty one.
func (s *Session) WriteText(w io.Writer, c *casefile.Case, acts []string) error {
	for _, e := range s.Entries(c, acts) {
		if len(e.Persons) > 0 {
			if _, err := fmt.Fprintf(w, "%s  %s  same person? %s (%s) and %s (%s)\n    %s\n\n", e.ID, e.State, harmless(s.personName(e.Persons[0])), e.Persons[0], harmless(s.personName(e.Persons[1])), e.Persons[1], harmless(e.Why)); err != nil {
				return err
			}
			continue
		}
		about := ""
		if e.Topic != "" {
			about = "; about " + e.Topic
		}
		if e.Reason != "" {
			about += "; rejected because " + e.Reason
		}
		m := &s.mails[e.Exhibit-1]
		if _, err := fmt.Fprintf(w, "%s  %s  %s, confidence %.2f  e%d  %s  %s\n    %s%s\n\n", e.ID, e.State, strings.Join(e.Acts, ", "), e.Confidence, e.Exhibit, harmless(m.when), harmless(m.from),
			harmless("“"+strings.Join(strings.Fields(e.Text), " ")+"”"), harmless(about)); err != nil {
			return err
		}
	}
	return nil
}
