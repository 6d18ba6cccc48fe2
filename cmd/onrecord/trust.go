package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"onrecord/pkg/dossier"
	"onrecord/pkg/seal"
	"onrecord/pkg/smime"
)

// trustOptions say whom the user vouches for.
type trustOptions struct {
	servers []string
	roots   []string
	rings   []string
}

func (o *trustOptions) flags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.servers, "trust-authserv-id", nil, "believe results that this server of yours recorded, or sealed with ARC (repeatable)")
	f.StringArrayVar(&o.roots, "ca", nil, "file with root certificates for S/MIME signatures, PEM or DER (repeatable)")
	f.StringArrayVar(&o.rings, "pgp-key", nil, "file with OpenPGP public keys for PGP signatures (repeatable)")
}

// signers reads the roots and keys; nil where none are named.
func (o *trustOptions) signers() (*smime.Keys, error) {
	for i, s := range o.servers {
		if s = strings.ToLower(strings.Trim(strings.TrimSpace(s), ".")); s == "" || strings.ContainsAny(s, " /@") {
			return nil, usage("--trust-authserv-id %q: name the server as it stands in Authentication-Results, such as mx.example.com", o.servers[i])
		}
		o.servers[i] = s
	}
	slices.Sort(o.servers)
	o.servers = slices.Compact(o.servers)
	if len(o.roots)+len(o.rings) == 0 {
		return nil, nil
	}
	keys := &smime.Keys{}
	for _, name := range o.roots {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, failed("", "%w", err)
		}
		list, err := smime.ParseRoots(text)
		if err == nil {
			err = keys.AddRoots(list)
		}
		if err != nil {
			return nil, failed("", "%s: %w", name, err)
		}
	}
	for _, name := range o.rings {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, failed("", "%w", err)
		}
		if err := keys.AddRing(text); err != nil {
			return nil, failed("gpg --export --armor ADDRESS writes a public key", "%s: %w", name, err)
		}
	}
	return keys, nil
}

// writeSigners keeps what was checked with in the dossier, so that it can be checked again.
func writeSigners(bag *seal.Bag, keys *smime.Keys) error {
	if keys == nil {
		return nil
	}
	for _, f := range [...]struct {
		name string
		text []byte
	}{{smime.RootsFile, keys.RootsPEM()}, {smime.RingFile, keys.RingText()}} {
		if len(f.text) > 0 {
			if err := bag.WriteTag(f.name, f.text); err != nil {
				return err
			}
		}
	}
	return nil
}

// missingKeys is the hint at the end of a build that lacked keys.
func missingKeys(k dossier.KeySummary) string {
	var parts []string
	if n := k.Signatures - k.Checked; n > 0 || k.Chains == k.Sealed {
		parts = append(parts, fmt.Sprintf("%d of %s", n, count(k.Signatures, "DKIM signature", "DKIM signatures")))
	}
	if n := k.Chains - k.Sealed; n > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s", n, count(k.Chains, "ARC chain", "ARC chains")))
	}
	return fmt.Sprintf("%s could not be checked for want of a key; --dns system would fetch %s", strings.Join(parts, " and "), count(len(k.Missing), "key", "keys"))
}
