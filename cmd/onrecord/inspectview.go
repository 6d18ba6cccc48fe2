package main

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"onrecord/pkg/dkim"
	"onrecord/pkg/dossier/words"
	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
	"onrecord/pkg/trace"
)

// recordView writes one record for people: sections with aligned rows.
type recordView struct {
	b *bytes.Buffer
	p paint
}

const labelWidth = 14

func (v *recordView) section(name string) { fmt.Fprintf(v.b, "%s\n", v.p.bold(name)) }

// row writes a label and a value; further lines of the value stand under its first one.
func (v *recordView) row(label, value string) {
	for i, line := range strings.Split(value, "\n") {
		if i > 0 {
			label = ""
		}
		fmt.Fprintf(v.b, "  %s %s\n", v.p.faint(fmt.Sprintf("%-*s", labelWidth, oneLine(label))), line)
	}
}

func (v *recordView) title(r *evidence.Record) {
	where := oneLine(r.Origin.Source)
	if r.Origin.Offset > 0 || r.Origin.EnvelopeLine != "" {
		where += fmt.Sprintf(", offset %d", r.Origin.Offset)
	}
	fmt.Fprintf(v.b, "%s  %s\n", v.p.bold(oneLine(cmpOr(r.Subject, "(no subject)"))), v.p.faint(fmt.Sprintf("%s, %d bytes", where, r.Size)))
}

func (v *recordView) fields(r *evidence.Record) {
	for _, a := range []struct {
		label string
		list  []message.Address
	}{{"From", r.From}, {"Sender", r.Sender}, {"Reply-To", r.ReplyTo}, {"To", r.To}, {"Cc", r.Cc}, {"Bcc", r.Bcc}} {
		if len(a.list) > 0 {
			v.row(a.label, addressList(a.list))
		}
	}
	switch {
	case r.Date.Time != nil:
		v.row("Date", r.Date.Time.Format("Mon, 2 Jan 2006 15:04:05 -0700")+v.p.faint("  by the sender's clock"))
	case r.Date.Raw != "":
		v.row("Date", oneLine(r.Date.Raw)+v.p.unsure("  cannot be read as a date"))
	default:
		v.row("Date", v.p.unsure("none"))
	}
	if r.Recorded.Time != nil && r.Recorded.Basis != evidence.BasisOrigination {
		v.row("recorded", r.Recorded.Time.Format("Mon, 2 Jan 2006 15:04:05 -0700")+v.p.faint("  by "+string(r.Recorded.Basis)))
	}
	v.row("Message-ID", cmpOr(oneLine(r.MessageID), v.p.unsure("none")))
	if len(r.InReplyTo) > 0 {
		v.row("In-Reply-To", oneLine(strings.Join(r.InReplyTo, " ")))
	}
	for _, d := range []struct {
		label string
		list  []string
	}{{"Return-Path", r.Delivery.ReturnPath}, {"Delivered-To", r.Delivery.DeliveredTo}, {"X-Original-To", r.Delivery.OriginalTo}} {
		if len(d.list) > 0 {
			v.row(d.label, oneLine(strings.Join(d.list, ", ")))
		}
	}
	v.row("header fields", fmt.Sprint(len(r.Header)))
	if r.Reading.Unquoted > 0 || r.Reading.QuotedLines > 0 {
		v.row("reading", oneLine(r.Reading.Why))
	}
}

// maxShownAddresses bounds a list on a terminal.
const maxShownAddresses = 20

func addressList(list []message.Address) string {
	var all []string
	for i, a := range list {
		if i == maxShownAddresses {
			all = append(all, fmt.Sprintf("and %d more", len(list)-i))
			break
		}
		switch {
		case a.Name != "" && a.Address != "":
			all = append(all, oneLine(a.Name)+" <"+oneLine(a.Address)+">")
		default:
			all = append(all, oneLine(a.Name+a.Address))
		}
	}
	return strings.Join(all, "\n")
}

// hops shows the way in the order of time: the last Received field was written first.
func (v *recordView) hops(r *evidence.Record) {
	v.section("way, oldest hop first")
	if len(r.Received) == 0 {
		v.row("", v.p.unsure("no Received field: this message does not show the way it took"))
		return
	}
	for i := len(r.Received) - 1; i >= 0; i-- {
		h := r.Received[i]
		when := v.p.unsure("no date")
		if h.Time != nil {
			when = h.Time.Format("2006-01-02 15:04:05 -0700")
		}
		delay := ""
		if h.DelaySeconds != nil {
			delay = "  " + seconds(*h.DelaySeconds)
		}
		by := cmpOr(host(h.By), "?")
		line := "by " + oneLine(by)
		if from := host(h.From); from != "" {
			line = "from " + oneLine(from) + " " + line
		}
		if h.With != "" {
			line += " with " + oneLine(h.With)
		}
		fmt.Fprintf(v.b, "  %2d  %s%s\n      %s\n", len(r.Received)-i, when, v.p.faint(delay), line)
		for _, n := range h.Notes {
			fmt.Fprintf(v.b, "      %s\n", v.p.unsure(oneLine(n)))
		}
	}
}

func host(h trace.Host) string {
	name := cmpOr(h.Name, cmpOr(h.HELO, h.Reverse))
	if h.IP.IsValid() && h.IP.String() != name {
		return strings.TrimSpace(name + " [" + h.IP.String() + "]")
	}
	return name
}

func seconds(s float64) string {
	d := time.Duration(s * float64(time.Second)).Round(time.Second)
	if d < 0 {
		return d.String()
	}
	return "+" + d.String()
}

// standing tells first what is established and by whom, then what is only claimed, then what could not be checked and how it could be.
func (v *recordView) standing(r *evidence.Record) {
	s := r.Standing()
	v.section("authenticity")
	if d := r.Domains().Line(); d != "" {
		v.row("domains", oneLine(d))
	}
	for _, group := range []struct {
		label string
		list  []evidence.Finding
	}{{"established", s.Established}, {"only claimed", s.Claimed}, {"not checked", s.Open}} {
		if len(group.list) == 0 {
			v.row(group.label, v.p.faint("nothing"))
		}
		for i, f := range group.list {
			text := oneLine(f.Text.String())
			switch {
			case f.Against:
				text = v.p.bad(text)
			case group.label == "only claimed":
				text = v.p.unsure(text)
			}
			if f.By != nil {
				text += "\n" + v.p.faint("by: "+oneLine(f.By.String()))
			}
			if f.How != nil {
				text += "\n" + v.p.faint("how: "+oneLine(f.How.String()))
			}
			label := group.label
			if i > 0 {
				label = ""
			}
			v.row(label, text)
		}
	}
}

func (v *recordView) authentication(r *evidence.Record) {
	v.section("authentication")
	a := r.Authentication
	for _, s := range a.DKIM {
		verdict := fmt.Sprintf("body hash %s, signature %s", v.verdict(string(s.BodyHash)), v.verdict(string(s.Signature)))
		v.row(string(s.Kind), fmt.Sprintf("%s, selector %s: %s", oneLine(s.Domain), oneLine(s.Selector), verdict))
		if len(s.Policy) > 0 {
			v.row("", v.p.unsure("note: "+oneLine(strings.Join(s.Policy, ", "))))
		}
	}
	if len(a.DKIM) == 0 {
		v.row("DKIM", "no signature")
	}
	for _, s := range a.Signatures {
		v.row(string(s.Kind), fmt.Sprintf("%s, part %s: digest %s, signature %s, chain %s", s.Form, oneLine(s.Part), v.verdict(string(s.Digest)), v.verdict(string(s.Signature)), s.Chain))
	}
	for _, f := range a.Recorded {
		label, by := "claimed", v.p.unsure("by the message itself")
		if f.Trusted {
			label, by = "recorded", v.p.good("by the receiving server")
		}
		v.row(label, oneLine(strings.Join(strings.Fields(f.Raw), " "))+"  "+by)
	}
	if a.ARC.Chain != evidence.ARCNone {
		v.row("ARC", fmt.Sprintf("%d sets, %s: %s", len(a.ARC.Sets), v.verdict(string(a.ARC.Chain)), oneLine(a.ARC.Why)))
	}
}

func (v *recordView) verdict(s string) string {
	switch s {
	case string(dkim.Valid), string(dkim.Match), string(evidence.ARCPass):
		return v.p.good(s)
	case string(dkim.Invalid), string(dkim.Mismatch), string(evidence.ARCFail):
		return v.p.bad(s)
	}
	return v.p.unsure(s)
}

func (v *recordView) digests(r *evidence.Record) {
	v.section("digests")
	v.row("message", r.Digests.Message.String())
	if r.Digests.Raw != r.Digests.Message {
		v.row("raw", r.Digests.Raw.String())
	}
	v.row("canonical", r.Digests.Canonical.String())
	v.row("header", r.Digests.Header.String())
	v.row("body", r.Digests.Body.String())
	v.row("content", r.Digests.Content.String())
	if r.Digests.EDRMMIH != nil {
		v.row("EDRM MIH", *r.Digests.EDRMMIH)
	}
}

func (v *recordView) parts(r *evidence.Record) {
	if len(r.Parts) == 0 {
		return
	}
	v.section("parts")
	for i, p := range r.Parts {
		if i == 50 {
			v.row("", fmt.Sprintf("and %d more", len(r.Parts)-i))
			break
		}
		name := ""
		if p.Filename != "" {
			name = "  " + oneLine(p.Filename)
		}
		charset := ""
		if p.Charset != "" {
			charset = "; charset=" + oneLine(p.Charset)
		}
		v.row(p.Path, fmt.Sprintf("%s%s, %d bytes%s\n%s", oneLine(p.ContentType), charset, p.Size, name, v.p.faint(p.SHA256.String())))
	}
}

// unpacked shows what the message refers to, holds inside of its parts, and was exported by.
func (v *recordView) unpacked(r *evidence.Record) {
	if len(r.RemoteContent) > 0 {
		var hosts []string
		for _, h := range r.RemoteContent {
			hosts = append(hosts, words.For("en").RemoteHost(h))
		}
		v.row("remote content", oneLine(strings.Join(hosts, ", "))+v.p.faint("  named by the HTML; nothing was loaded"))
	}
	for i, u := range r.Unpacked {
		if i == 50 {
			v.row("", fmt.Sprintf("and %d more", len(r.Unpacked)-i))
			break
		}
		v.row(u.Part+"/"+u.Path, fmt.Sprintf("inside: %s, %d bytes  %s\n%s", oneLine(cmpOr(u.ContentType, "unknown type")), u.Size, oneLine(u.Filename), v.p.faint(u.SHA256.String())))
	}
	if x := r.Export; x != nil && len(x.Programs) > 0 {
		v.row("export", oneLine(strings.Join(x.Programs, ", "))+v.p.faint("  seen by "+oneLine(strings.Join(x.Traces, ", "))))
	}
}

func (v *recordView) defects(r *evidence.Record) {
	if len(r.Defects) == 0 {
		return
	}
	v.section("defects")
	for i, d := range r.Defects {
		if i == 50 {
			v.row("", fmt.Sprintf("and %d more", len(r.Defects)-i))
			break
		}
		v.row(fmt.Sprintf("at %d", d.Offset), v.p.unsure(string(d.Kind))+"  "+oneLine(d.Detail))
	}
}
