package words

import (
	"strings"

	"onrecord/pkg/message"
)

// Remote tells in one paragraph what the HTML of a message would have loaded, host by host; "" where there is nothing.
func (w *Words) Remote(hosts []message.Remote) string {
	if len(hosts) == 0 {
		return ""
	}
	var all []string
	for _, h := range hosts {
		all = append(all, w.RemoteHost(h))
	}
	return w.RemoteLead(hosts) + " " + strings.Join(all, ", ") + ". " + w.T("Pictures and trackers of this kind tell the sender when and where a mail was opened.")
}

// RemoteLead is the sentence before the hosts.
func (w *Words) RemoteLead(hosts []message.Remote) string {
	return w.N(len(hosts), "On opening, this mail would have loaded something from %s host; nothing was loaded here:", "On opening, this mail would have loaded something from %s hosts; nothing was loaded here:")
}

// RemoteHost tells one host: its name, how often it is asked, and how many of these pictures nobody can see.
func (w *Words) RemoteHost(h message.Remote) string {
	name := h.Host
	if name == "" {
		name = w.T("further hosts")
	}
	if h.Count > 1 {
		name += " ×" + w.Int(h.Count)
	}
	if h.Pixels > 0 {
		name += " (" + w.N(h.Pixels, "%s invisible picture", "%s invisible pictures") + ")"
	}
	return name
}
