package html

import "onrecord/pkg/trace"

// host writes one side of a hop: its name, what it called itself, what the server looked up, its address.
func (p *page) host(h *trace.Host) {
	if h.Name != "" {
		p.mail(cut(h.Name, maxField))
	}
	if h.HELO != "" && h.HELO != h.Name {
		p.clause(p.say.HELO, h.HELO)
	}
	if h.Reverse != "" && h.Reverse != h.Name {
		p.clause(p.say.Reverse, h.Reverse)
	}
	switch {
	case h.IPText != "":
		p.clause("IP", h.IPText)
	case h.IP.IsValid():
		p.clause("IP", h.IP.String())
	}
	p.clause(p.say.Software, h.Software)
	p.clause(p.say.User, h.User)
	if h.Name == "" && !h.IP.IsValid() && h.Text != "" {
		p.mail(cut(h.Text, maxField))
	}
}
