package mailgen

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"onrecord/pkg/dkim"
)

// seal makes the first ARC set of a message (RFC 8617 §5.1, i=1, relaxed/relaxed): ARC-Seal and ARC-Message-Signature, which go above the
// ARC-Authentication-Results that is the topmost field of header.
func (c *composer) seal(line, header string, body []byte) (string, error) {
	args, err := arguments(line)
	if err != nil {
		return "", err
	}
	key, err := c.key(args["s"] + "._domainkey." + args["d"])
	if err != nil {
		return "", err
	}
	stamp := ""
	if at, err := moment(args["t"]); err != nil {
		return "", err
	} else if !at.IsZero() {
		stamp = fmt.Sprintf(" t=%d;", at.Unix())
	}
	all := fields(header)
	if len(all) == 0 || all[0].Name != "ARC-Authentication-Results" {
		return "", fmt.Errorf("no ARC-Authentication-Results below %q", line)
	}
	bodyHash := sha256.Sum256(relaxedBody(body))
	message := fmt.Sprintf("ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=%s;\n s=%s;%s\n h=%s;\n bh=%s;\n b=",
		args["d"], args["s"], stamp, args["h"], base64.StdEncoding.EncodeToString(bodyHash[:]))
	var text strings.Builder
	used := map[string]int{}
	for name := range strings.SplitSeq(strings.ToLower(args["h"]), ":") {
		text.WriteString(bottomUp(all, name, used))
	}
	if message, err = finish(message, text.String(), key); err != nil {
		return "", err
	}
	seal := fmt.Sprintf("ARC-Seal: i=1; a=rsa-sha256; d=%s; s=%s; cv=%s;%s\n b=", args["d"], args["s"], args["cv"], stamp)
	seal, err = finish(seal, relaxedField(string(all[0].Raw))+relaxedField(message), key)
	return seal + message, err
}

// bottomUp gives the canonical form of the next field of that name, from the bottom (RFC 6376 §5.4.2); nothing where there is none left.
func bottomUp(all []dkim.Field, name string, used map[string]int) string {
	skip := used[name]
	used[name]++
	for i := len(all) - 1; i >= 0; i-- {
		if strings.EqualFold(all[i].Name, name) {
			if skip == 0 {
				return relaxedField(string(all[i].Raw))
			}
			skip--
		}
	}
	return ""
}

// finish signs text and the field itself, and puts the signature at its end.
func finish(field, text string, key crypto.Signer) (string, error) {
	sum := sha256.Sum256([]byte(text + strings.TrimSuffix(relaxedField(field), "\r\n")))
	signature, err := key.Sign(nil, sum[:], crypto.SHA256)
	if err != nil {
		return "", err
	}
	encoded := base64.StdEncoding.EncodeToString(signature)
	var b strings.Builder
	b.WriteString(field)
	for len(encoded) > 72 {
		b.WriteString(encoded[:72] + "\n ")
		encoded = encoded[72:]
	}
	return b.String() + encoded + "\n", nil
}

// relaxedField is RFC 6376 §3.4.2, with CRLF.
func relaxedField(raw string) string {
	name, value, _ := strings.Cut(raw, ":")
	value = strings.NewReplacer("\r\n", "", "\n", "", "\t", " ").Replace(value)
	for strings.Contains(value, "  ") {
		value = strings.ReplaceAll(value, "  ", " ")
	}
	return strings.ToLower(strings.TrimSpace(name)) + ":" + strings.Trim(value, " ") + "\r\n"
}

// relaxedBody is RFC 6376 §3.4.4, with CRLF.
func relaxedBody(body []byte) []byte {
	var b strings.Builder
	for line := range strings.Lines(string(body)) {
		line = strings.ReplaceAll(strings.TrimRight(line, "\r\n"), "\t", " ")
		for strings.Contains(line, "  ") {
			line = strings.ReplaceAll(line, "  ", " ")
		}
		b.WriteString(strings.TrimRight(line, " ") + "\r\n")
	}
	text := strings.TrimRight(b.String(), "\r\n")
	if text == "" {
		return nil
	}
	return []byte(text + "\r\n")
}
